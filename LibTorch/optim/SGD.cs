using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules
{
    /// <summary>Stochastic gradient descent, with momentum if asked for (Sutskever et al., 2013).</summary>
    /// <remarks>
    /// g = gradient + weight_decay·p; b = momentum·b + (1 − dampening)·g, in the first step b = g; p −= lr·b, with
    /// Nesterov's momentum p −= lr·(g + momentum·b).
    /// </remarks>
    public class SGD : OptimizerHelper, IMomentum
    {
        /// <summary>Creates the optimizer; see torch.optim.SGD.</summary>
        /// <exception cref="ArgumentException">A value is out of range.</exception>
        public SGD(IEnumerable<Parameter> parameters, double lr, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
            : this([new ParamGroup { Parameters = parameters }], lr, momentum, dampening, weight_decay, nesterov, maximize) { }

        /// <summary>Creates the optimizer; see torch.optim.SGD.</summary>
        /// <exception cref="ArgumentException">A value is out of range.</exception>
        public SGD(IEnumerable<ParamGroup> parameters, double lr, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
        {
            if (lr < 0.0) throw new ArgumentException($"Invalid learning rate: {lr}");
            if (momentum < 0.0) throw new ArgumentException($"Invalid momentum value: {momentum}");
            if (weight_decay < 0.0) throw new ArgumentException($"Invalid weight_decay value: {weight_decay}");
            if (nesterov && (momentum <= 0 || dampening != 0)) throw new ArgumentException("Nesterov momentum requires a momentum and zero dampening");

            _defaults = new Options { LearningRate = lr, InitialLearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize };
            foreach (var group in parameters) add_param_group(group);
        }

        /// <inheritdoc/>
        public override Tensor step(Func<Tensor>? closure = null) => _step<ParamGroup>(Update, closure);

        private void Update(ParamGroup group)
        {
            var (parameters, gradients, states) = Updates<State>(group);
            if (parameters.Length == 0) return;

            var options = group.Options;
            var momentum = options.momentum!.Value;
            var direction = gradients;
            if (options.weight_decay != 0)
                direction = Foreach.Sum(gradients, parameters, options.weight_decay!.Value);

            if (momentum != 0)
            {
                var buffers = Accumulate(states, direction, momentum, options.dampening!.Value);
                direction = options.nesterov!.Value ? Foreach.Sum(direction, buffers, momentum) : buffers;
            }

            var lr = options.LearningRate!.Value;
            Foreach.Add(parameters, direction, options.maximize!.Value ? lr : -lr);
        }

        private static Tensor[] Accumulate(State[] states, Tensor[] direction, double momentum, double dampening)
        {
            // All parameters have a buffer, or none has: all but the first step, or that. Mixed, the fresh ones start here and are left alone.
            var running = new List<Tensor>();
            var added = new List<Tensor>();
            for (var i = 0; i < states.Length; i++)
            {
                if (states[i].momentum_buffer is { } buffer)
                {
                    running.Add(buffer);
                    added.Add(direction[i]);
                }
                else
                {
                    states[i].momentum_buffer = direction[i].clone().DetachFromDisposeScope();
                }
            }

            if (running.Count > 0)
            {
                Tensor[] buffers = [.. running];
                Foreach.Multiply(buffers, momentum);
                Foreach.Add(buffers, [.. added], 1 - dampening);
            }
            return Array.ConvertAll(states, state => state.momentum_buffer!);
        }

        /// <inheritdoc/>
        public override void add_param_group(Modules.ParamGroup param_group)
        {
            var defaults = (Options)_defaults;
            param_group.Options ??= new Options();

            var options = (Options)param_group.Options;
            options.LearningRate ??= defaults.LearningRate;
            options.momentum ??= defaults.momentum;
            options.dampening ??= defaults.dampening;
            options.weight_decay ??= defaults.weight_decay;
            options.nesterov ??= defaults.nesterov;
            options.maximize ??= defaults.maximize;

            AddGroup(param_group, parameter => new State(parameter));
        }

        /// <summary>The momentum that groups take which leave it open.</summary>
        public double Momentum
        {
            get => ((Options)_defaults).momentum!.Value;
            set => ((Options)_defaults).momentum = value;
        }

        /// <summary>What the optimizer remembers of one parameter.</summary>
        public sealed class State : OptimizerState, IDisposable
        {
            /// <summary>The running direction; null before the first step, and without momentum.</summary>
            public Tensor? momentum_buffer;

            /// <summary>Creates the state of a parameter.</summary>
            public State(Parameter parameter) : base(parameter) { }

            /// <summary>Releases the state.</summary>
            public void Dispose() => momentum_buffer?.Dispose();

            /// <inheritdoc/>
            public override void Initialize(OptimizerOptions options)
            {
                momentum_buffer?.Dispose();
                momentum_buffer = null;
            }

            /// <inheritdoc/>
            public override void to(Device device) => Move(ref momentum_buffer, device);

            /// <inheritdoc/>
            public override void SaveStateDict(BinaryWriter writer) => SaveConditionalStateTensor(writer, momentum_buffer);

            /// <inheritdoc/>
            public override void LoadStateDict(BinaryReader reader) => LoadConditionalStateTensor(reader, ref momentum_buffer, _parameter.device);

            /// <inheritdoc/>
            public override void LoadStateDict(OptimizerState source) => Copy(ref momentum_buffer, ((State)source).momentum_buffer);

            /// <inheritdoc/>
            public override bool ApproximatelyEquals(OptimizerState other) =>
                other is State state && Close(momentum_buffer, state.momentum_buffer);
        }

        /// <summary>Options of a group of parameters. What is null takes the optimizer's value.</summary>
        public class Options : OptimizerOptions
        {
            /// <summary>The share of the previous direction.</summary>
            public double? momentum;

            /// <summary>The share of the gradient that is left out of the direction.</summary>
            public double? dampening;

            /// <summary>The factor of the parameters that is added to their gradients.</summary>
            public double? weight_decay;

            /// <summary>Whether the momentum is Nesterov's.</summary>
            public bool? nesterov;

            /// <summary>Whether the objective is to rise.</summary>
            public bool? maximize;

            /// <inheritdoc/>
            public override void SaveStateDict(BinaryWriter writer)
            {
                base.SaveStateDict(writer);
                writer.Write(momentum!.Value);
                writer.Write(dampening!.Value);
                writer.Write(weight_decay!.Value);
                writer.Write(nesterov!.Value);
                writer.Write(maximize!.Value);
            }

            /// <inheritdoc/>
            public override void LoadStateDict(BinaryReader reader)
            {
                base.LoadStateDict(reader);
                momentum = reader.ReadDouble();
                dampening = reader.ReadDouble();
                weight_decay = reader.ReadDouble();
                nesterov = reader.ReadBoolean();
                maximize = reader.ReadBoolean();
            }

            /// <inheritdoc/>
            public override void LoadStateDict(OptimizerOptions source)
            {
                base.LoadStateDict(source);
                var options = (Options)source;
                momentum = options.momentum;
                dampening = options.dampening;
                weight_decay = options.weight_decay;
                nesterov = options.nesterov;
                maximize = options.maximize;
            }
        }

        /// <summary>Parameters that share options.</summary>
        public class ParamGroup : ParamGroup<Options>, IMomentum
        {
            /// <summary>Creates a group without parameters and options.</summary>
            public ParamGroup() { }

            /// <summary>Creates a group.</summary>
            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

            /// <summary>Creates a group; the options are those of torch.optim.SGD.</summary>
            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false)
                : base(parameters, new Options { LearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov, maximize = maximize }) { }

            /// <inheritdoc/>
            public double Momentum
            {
                get => Options.momentum!.Value;
                set => Options.momentum = value;
            }
        }
    }
}

namespace TorchSharp
{
    public static partial class torch
    {
        public static partial class optim
        {
            /// <summary>Creates an optimizer by stochastic gradient descent, with momentum if asked for.</summary>
            /// <param name="parameters">The parameters. The sequence is enumerated anew in every step.</param>
            /// <param name="learningRate">The learning rate.</param>
            /// <param name="momentum">The share of the previous direction.</param>
            /// <param name="dampening">The share of the gradient that is left out of the direction.</param>
            /// <param name="weight_decay">The factor of the parameters that is added to their gradients.</param>
            /// <param name="nesterov">Whether the momentum is Nesterov's.</param>
            /// <param name="maximize">Whether the objective is to rise.</param>
            /// <exception cref="ArgumentException">A value is out of range.</exception>
            public static Modules.SGD SGD(IEnumerable<Parameter> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            /// <summary>Creates an optimizer by stochastic gradient descent for what <c>named_parameters()</c> returns.</summary>
            public static Modules.SGD SGD(IEnumerable<(string name, Parameter parameter)> parameters, double learningRate, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters.Select(named => named.parameter), learningRate, momentum, dampening, weight_decay, nesterov, maximize);

            /// <summary>Creates an optimizer by stochastic gradient descent for groups of parameters with options of their own.</summary>
            public static Modules.SGD SGD(IEnumerable<Modules.SGD.ParamGroup> parameters, double learningRate, double momentum = 0.0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false) =>
                new(parameters, learningRate, momentum, dampening, weight_decay, nesterov, maximize);
        }
    }
}
