namespace PruneGen.Generator.Tests;

/// <summary>Small models around the part that a test is about.</summary>
internal static class Models
{
    /// <summary>Two convolutions, a normalisation, a pooling layer and two Linear layers, with a forward of the given statements.</summary>
    public static string WithForward(string body, string members = "") => $$"""
        /// <summary>Under test.</summary>
        [Prunable(Structured)]
        public partial class Net : Module<Tensor, Tensor>
        {
            private readonly Conv2d conv1 = Conv2d(3, 16, 3, padding: 1);
            private readonly Conv2d conv2 = Conv2d(16, 16, 3, padding: 1);
            private readonly BatchNorm2d bn = BatchNorm2d(16);
            private readonly MaxPool2d pool = MaxPool2d(2);
            private readonly Linear fc1 = Linear(1024, 32);
            private readonly Linear fc2 = Linear(32, 10);

            /// <summary>Creates it.</summary>
            public Net() : base("net") => RegisterComponents();

            /// <inheritdoc/>
            public override Tensor forward(Tensor x)
            {
        {{Indent(body)}}
            }
        {{members}}
        }
        """;

    /// <summary>A model of the given members, whose forward is the given expression.</summary>
    public static string WithMembers(string members, string forward = "fc.call(flatten(conv.call(x), 1))", string annotation = "[Prunable(Structured)]") => $$"""
        /// <summary>Under test.</summary>
        {{annotation}}
        public partial class Net : Module<Tensor, Tensor>
        {
        {{members}}

            /// <inheritdoc/>
            public override Tensor forward(Tensor x) => {{forward}};
        }
        """;

    private static string Indent(string body) => string.Join("\n", body.Split('\n').Select(line => "        " + line));
}
