namespace Blocks
{
    /// <summary>Two convolutions and a way around them.</summary>
    [Prunable(Structured, Ratio = 0.5)]
    public sealed partial class Block : Module<Tensor, Tensor>
    {
        private readonly Conv2d first, second;
        private readonly BatchNorm2d norm;
        private readonly Gate gate;

        private Block(long width) : base("block")
        {
            first = Conv2d(width, 2 * width, 3, padding: 1);
            norm = BatchNorm2d(2 * width);
            second = Conv2d(2 * width, width, 1);
            gate = new Gate(width);
            RegisterComponents();
        }

        /// <summary>Creates one.</summary>
        public static Block Of(long width) => new(width);

        /// <inheritdoc/>
        public override Tensor forward(Tensor x) => gate.call(x + second.call(relu(norm.call(first.call(x)))));

        [Prunable(Structured, Ratio = 0.5)]
        private sealed partial class Gate : Module<Tensor, Tensor>
        {
            private readonly Conv2d squeeze, excite;

            public Gate(long width) : base("gate")
            {
                squeeze = Conv2d(width, 4, 1);
                excite = Conv2d(4, width, 1);
                RegisterComponents();
            }

            public override Tensor forward(Tensor x) => x * torch.sigmoid(excite.call(relu(squeeze.call(x.mean(new long[] { 2, 3 }, keepdim: true)))));
        }
    }

    /// <summary>A base whose forward is here.</summary>
    [Prunable(Structured, Ratio = 0.5)]
    public abstract partial class Backbone : Module<Tensor, Tensor>
    {
        private readonly Conv2d stem = Conv2d(3, 8, 3, padding: 1);

        /// <summary>Creates it.</summary>
        protected Backbone(string name) : base(name) { }

        /// <inheritdoc/>
        public override Tensor forward(Tensor x) => relu(stem.call(x));
    }

    /// <summary>It as it is.</summary>
    public sealed class Plain : Backbone
    {
        /// <summary>Creates it.</summary>
        public Plain() : base("plain") => RegisterComponents();
    }
}
