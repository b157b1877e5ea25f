using PruneGen.Axes;

namespace PruneGen.Runtime.Tests;

/// <summary>What one model hands to another is read as its type, or not at all.</summary>
public sealed class HandedValueTests
{
    [Fact]
    public void Numbers_are_read_as_what_forward_declares()
    {
        Assert.Equal(3, Read<int?>(new AxisSize?(3)!));
        Assert.Equal(3L, Read<long?>(3));
        Assert.Equal((byte)4, Read<byte>(4));
        Assert.Equal(2.0, Read<double>((AxisSize)2));
        Assert.Equal(DayOfWeek.Monday, Read<DayOfWeek?>(1));
        Assert.Equal([2L, 3], Read<long[]>(new AxisSize[] { 2, 3 }));
        Assert.Equal([1, 2], Read<int[]>(new long[] { 1, 2 }));
        Assert.Equal([1L, 2], Read<List<long>>(new List<AxisSize> { 1, 2 }));
        Assert.Equal([1L, 2], Read<IReadOnlyList<long>>(new AxisSize[] { 1, 2 }));
        Assert.Equal((1L, 2.0), Read<(long, double)>((1, 2)));
        Assert.Equal((1, 2), Read<(int, int)?>(new AxisSize[] { 1, 2 }));
    }

    /// <summary>A value that is nothing of the kind is refused, and never zero.</summary>
    [Fact]
    public void What_is_nothing_of_the_kind_is_refused()
    {
        Assert.False(HandedValue.TryRead<int>("3", out _));
        Assert.False(HandedValue.TryRead<int>(2.5, out _));
        Assert.False(HandedValue.TryRead<byte>((AxisSize)300, out _));
        Assert.False(HandedValue.TryRead<bool>(1, out _));
        Assert.False(HandedValue.TryRead<(int, int)>(new long[] { 1, 2, 3 }, out _));
        Assert.False(HandedValue.TryRead<long[]>(new[] { "a" }, out _));
        Assert.False(HandedValue.TryRead<string>(3, out _));
        Assert.False(HandedValue.TryRead<object>((AxisSize)3, out _));
        Assert.False(HandedValue.TryRead<object[]>(new object[] { 1, (AxisSize)3 }, out _));
        Assert.False(HandedValue.TryRead<int?>(null, out _));
    }

    [Fact]
    public void A_member_of_another_type_is_named()
    {
        var record = new LinkRecord(("N", "text"));
        Assert.Equal("The member N is a String, where forward reads a Int32.", Assert.Throws<InvalidOperationException>(() => record.Get<int?>("N")).Message);
    }

    private static T Read<T>(object value) => HandedValue.TryRead<T>(value, out var read) ? read! : throw new InvalidOperationException($"{value} is not read");
}
