using TorchSharp.Utils;
using Xunit;

namespace PruneGen.LibTorch.Tests;

/// <summary>The dictionary in which modules keep what they registered.</summary>
public class OrderedDictTests
{
    private readonly OrderedDict<string, int> dict = new() { { "c", 3 }, { "a", 1 }, { "b", 2 } };

    [Fact]
    public void Entries_keep_the_order_in_which_they_came()
    {
        Assert.Equal(["c", "a", "b"], dict.Keys);
        Assert.Equal([3, 1, 2], dict.Values);
        var seen = new List<(string, int)>();
        foreach (var entry in dict) seen.Add(entry);
        Assert.Equal([("c", 3), ("a", 1), ("b", 2)], seen);
        Assert.Equal(("a", 1), dict[1]);
        Assert.Equal(2, dict.IndexOf(("b", 2)));
    }

    [Fact]
    public void Setting_a_known_key_keeps_its_place_and_a_new_one_comes_last()
    {
        dict["a"] = 10;
        dict["z"] = 26;
        Assert.Equal([3, 10, 2, 26], dict.Values);
        Assert.Equal(10, dict["a"]);
        Assert.Equal(4, dict.Count);
    }

    [Fact]
    public void A_key_comes_once()
    {
        Assert.Throws<ArgumentException>(() => dict.Add("a", 5));
        Assert.Throws<ArgumentException>(() => dict.Insert(0, ("a", 5)));
        Assert.Equal([3, 1, 2], dict.Values);
    }

    [Fact]
    public void Removed_keys_are_gone_from_both_views()
    {
        Assert.True(dict.Remove("a"));
        Assert.False(dict.ContainsKey("a"));
        Assert.Equal(["c", "b"], dict.Keys);
        Assert.Throws<KeyNotFoundException>(() => dict.Remove("a"));

        dict.RemoveAt(0);
        Assert.Equal(["b"], dict.Keys);
        Assert.False(dict.TryGetValue("c", out _));
        Assert.Throws<IndexOutOfRangeException>(() => dict.RemoveAt(1));

        dict.clear();
        Assert.Empty(dict.Keys);
    }

    [Fact]
    public void An_entry_can_be_inserted_anywhere()
    {
        dict.Insert(1, ("x", 24));
        Assert.Equal(["c", "x", "a", "b"], dict.Keys);
        Assert.Equal(24, dict["x"]);
    }
}
