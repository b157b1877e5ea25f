using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace TorchSharp.Modules
{
    /// <summary>Takes the channels of the groups in turn: group g, channel c goes to channel c, group g (Zhang et al., ShuffleNet).</summary>
    public sealed class ChannelShuffle : ParameterLessModule<Tensor, Tensor>
    {
        internal ChannelShuffle(long groups) : base(nameof(ChannelShuffle)) => this.groups = groups;

        /// <summary>Number of groups; it divides the channels.</summary>
        public long groups { get; set; }

        /// <inheritdoc/>
        public override Tensor forward(Tensor tensor) => tensor.channel_shuffle(groups);
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class nn
        {
            /// <summary>Creates a layer: takes the channels of the groups in turn: group g, channel c goes to channel c, group g (Zhang et al., ShuffleNet).</summary>
            /// <param name="groups">Number of groups; it divides the channels.</param>
            public static ChannelShuffle ChannelShuffle(long groups) => new(groups);
        }
    }
}
