namespace PruneGen.Generator.Tests;

/// <summary>What a declaration gives the members of an object that carries tensors, each new one has: numbers of the type of the member, lists of its own.</summary>
public class RecordInitializerTests
{
    [Theory]
    [InlineData("var q = new Cache { First = y }; return q.First! * q.Scale;")]
    [InlineData("var q = new Cache { First = y }; q.Scale += 1; return q.First! * q.Scale;")]
    [InlineData("var q = new Cache(); q.Keys.Add(y); q.Count++; return q.Keys[0] * q.Count;")]
    [InlineData("return scaling.call(new Cache { First = y });")]
    [InlineData("var q = new Cache(); var h = filling.call(y, q); h = filling.call(h, q); return h * q.Scale * q.Count + q.Keys[1];")]
    public void Each_new_object_has_it(string statements) => Loaded.From($$"""
        #nullable enable
        #pragma warning disable CS1591, PG0025
        public class Cache
        {
            public double Scale = 3;
            public int Count { get; set; } = 2;
            public Tensor? First { get; set; }
            public System.Collections.Generic.List<Tensor> Keys { get; } = new();
        }

        [Prunable(Structured)] public partial class Scaling : Module<Cache, Tensor>
        {
            private readonly Linear fc = Linear(8, 8);
            public Scaling() : base("scaling") => RegisterComponents();
            public override Tensor forward(Cache cache) => fc.call(cache.First!) * cache.Scale;
        }

        [Prunable(Structured)] public partial class Filling : Module<Tensor, Cache, Tensor>
        {
            private readonly Linear fc = Linear(8, 8);
            public Filling() : base("filling") => RegisterComponents();
            public override Tensor forward(Tensor x, Cache cache) { cache.Count++; cache.Keys.Add(x); cache.Scale += 1; return fc.call(x) * cache.Scale; }
        }

        [Prunable(Structured)] public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Linear first = Linear(6, 8), last = Linear(8, 2);
            private readonly Scaling scaling = new();
            private readonly Filling filling = new();
            public Net() : base("net") => RegisterComponents();
            private Tensor Between(Tensor y) { {{statements}} }
            public override Tensor forward(Tensor x) => last.call(Between(first.call(x)));
        }
        """).Prunes([2, 6]);
}
