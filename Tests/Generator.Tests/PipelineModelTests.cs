using System.Reflection;
using Microsoft.CodeAnalysis;
using PruneGen.Generator.Analysis;
using PruneGen.Generator.Emission;
using PruneGen.Generator.Model;

namespace PruneGen.Generator.Tests;

/// <summary>What flows through the pipeline is plain: values that are equal where they say the same, and nothing of the compiler's.</summary>
public class PipelineModelTests
{
    private static readonly Type[] Roots = [typeof(ModelSpec), typeof(PruningSpec), typeof(AnalysisResult), typeof(GeneratedFile), typeof(Finding)];

    [Fact]
    public void It_holds_nothing_of_the_compilers()
    {
        var types = Reachable();
        Assert.Contains(typeof(LayerNode), types);
        Assert.Contains(typeof(ArithmeticArgument), types);
        Assert.DoesNotContain(types, type => type.Assembly == typeof(ISymbol).Assembly || type.Assembly == typeof(Microsoft.CodeAnalysis.CSharp.CSharpCompilation).Assembly);
    }

    [Fact]
    public void Every_type_of_it_compares_by_value()
    {
        foreach (var type in Reachable().Where(type => type.Assembly == typeof(ModelSpec).Assembly && !type.IsEnum))
        {
            Assert.True(typeof(IEquatable<>).MakeGenericType(type).IsAssignableFrom(type), $"{type.Name} does not compare by value.");
            Assert.True(type.IsSealed || type.IsAbstract || type.IsValueType, $"{type.Name} is open to subclasses.");
        }
    }

    [Fact]
    public void Nothing_in_it_can_change()
    {
        foreach (var type in Reachable().Where(type => type.Assembly == typeof(ModelSpec).Assembly && !type.IsEnum))
        {
            Assert.All(type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic), field => Assert.True(field.IsInitOnly, $"{type.Name}.{field.Name} can be assigned."));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(5)]
    public void Lists_of_equal_elements_are_equal(int count)
    {
        var one = Enumerable.Range(0, count).Select(i => new NamedText($"n{i}", "t")).ToEquatable();
        var other = Enumerable.Range(0, count).Select(i => new NamedText($"n{i}", "t")).ToEquatable();
        Assert.Equal(one, other);
        Assert.Equal(one.GetHashCode(), other.GetHashCode());
        Assert.NotEqual(one, other.Append(new NamedText("more", "t")).ToEquatable());
        Assert.Equal(default, Array.Empty<NamedText>().ToEquatable());
    }

    /// <summary>Every type that an instance of the roots may hold.</summary>
    private static HashSet<Type> Reachable()
    {
        var found = new HashSet<Type>();
        var next = new Queue<Type>(Roots);
        while (next.Count > 0)
        {
            var type = next.Dequeue();
            if (!found.Add(type))
            {
                continue;
            }

            var fields = type.Assembly == typeof(ModelSpec).Assembly && !type.IsGenericType ? type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Select(field => field.FieldType) : [];
            var subclasses = type.IsAbstract ? type.Assembly.GetTypes().Where(other => other.IsSubclassOf(type)) : [];
            foreach (var inside in fields.Concat(subclasses).Concat(type.GenericTypeArguments))
            {
                next.Enqueue(inside);
            }
        }

        // The list's own storage is the framework's.
        found.RemoveWhere(type => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(EquatableArray<>));
        return found;
    }
}
