using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;

namespace TorchSharp.Modules
{
    /// <summary>Adam with decoupled weight decay (Loshchilov and Hutter, 2019), with AMSGrad if asked for.</summary>
    /// <remarks>
    /// p *= 1 − lr·weight_decay; m = β₁·m + (1 − β₁)·g; v = β₂·v + (1 − β₂)·g²;
    /// p −= lr·m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + eps). With AMSGrad, v is the largest that v has been.
    /// </remarks>
    public class AdamW : OptimizerHelper, IBetas
    {
        /// <summary>Creates the optimizer; see torch.optim.AdamW.</summary>
        /// <exception cref="ArgumentException">A value is out of range.</exception>
        public AdamW(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
            : this([new ParamGroup { Parameters = parameters }], lr, beta1, beta2, eps, weight_decay, amsgrad, maximize) { }

        /// <summary>Creates the optimizer; see torch.optim.AdamW.</summary>
        /// <exception cref="ArgumentException">A value is out of range.</exception>
        public AdamW(IEnumerable<ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
        {
            AdamRule.Check(lr, beta1, beta2, eps, weight_decay);

            _defaults = new Options { LearningRate = lr, InitialLearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize };
            foreach (var group in parameters) add_param_group(group);
        }

        /// <inheritdoc/>
        public override Tensor step(Func<Tensor>? closure = null) => _step<ParamGroup>(Update, closure);

        private void Update(ParamGroup group)
        {
            var (parameters, gradients, states) = Updates<State>(group);
            if (parameters.Length == 0) return;

            var options = group.Options;
            if (options.maximize!.Value) gradients = Foreach.Negated(gradients);
            foreach (var state in states) state.step++;
            if (options.weight_decay != 0)
                Foreach.Multiply(parameters, 1 - options.LearningRate!.Value * options.weight_decay!.Value);

            // Parameters that had no gradient in some step are behind the others; as a rule there is one batch.
            foreach (var batch in Enumerable.Range(0, parameters.Length).GroupBy(i => states[i].step))
            {
                int[] members = [.. batch];
                var maxima = options.amsgrad!.Value ? Array.ConvertAll(members, i => states[i].max_exp_avg_sq!) : null;
                AdamRule.Update(
                    Array.ConvertAll(members, i => (Tensor)parameters[i]), Array.ConvertAll(members, i => gradients[i]),
                    Array.ConvertAll(members, i => states[i].exp_avg), Array.ConvertAll(members, i => states[i].exp_avg_sq), maxima,
                    batch.Key, options.LearningRate!.Value, options.beta1!.Value, options.beta2!.Value, options.eps!.Value);
            }
        }

        /// <inheritdoc/>
        public override void add_param_group(Modules.ParamGroup param_group)
        {
            var defaults = (Options)_defaults;
            param_group.Options ??= new Options();

            var options = (Options)param_group.Options;
            options.LearningRate ??= defaults.LearningRate;
            options.beta1 ??= defaults.beta1;
            options.beta2 ??= defaults.beta2;
            options.eps ??= defaults.eps;
            options.weight_decay ??= defaults.weight_decay;
            options.amsgrad ??= defaults.amsgrad;
            options.maximize ??= defaults.maximize;

            AddGroup(param_group, parameter => new State(parameter));
        }

        /// <summary>The decay rates that groups take which leave them open.</summary>
        public (double, double) Betas
        {
            get => (((Options)_defaults).beta1!.Value, ((Options)_defaults).beta2!.Value);
            set => (((Options)_defaults).beta1, ((Options)_defaults).beta2) = value;
        }

        /// <summary>What the optimizer remembers of one parameter.</summary>
        public sealed class State : OptimizerState, IDisposable
        {
            /// <summary>How many steps were made.</summary>
            public long step;

            /// <summary>The running mean of the gradients.</summary>
            public Tensor exp_avg = null!;

            /// <summary>The running mean of the gradients' squares.</summary>
            public Tensor exp_avg_sq = null!;

            /// <summary>The largest value that <see cref="exp_avg_sq"/> had; null without AMSGrad.</summary>
            public Tensor? max_exp_avg_sq;

            /// <summary>Creates the state of a parameter.</summary>
            public State(Parameter parameter) : base(parameter) { }

            /// <summary>Releases the state.</summary>
            public void Dispose()
            {
                exp_avg?.Dispose();
                exp_avg_sq?.Dispose();
                max_exp_avg_sq?.Dispose();
            }

            /// <inheritdoc/>
            public override void Initialize(OptimizerOptions options)
            {
                Dispose();
                step = 0;
                exp_avg = Zeros();
                exp_avg_sq = Zeros();
                max_exp_avg_sq = ((Options)options).amsgrad!.Value ? Zeros() : null;
            }

            /// <inheritdoc/>
            public override void to(Device device)
            {
                Move(ref exp_avg!, device);
                Move(ref exp_avg_sq!, device);
                Move(ref max_exp_avg_sq, device);
            }

            /// <inheritdoc/>
            public override void SaveStateDict(BinaryWriter writer)
            {
                writer.Write(step);
                exp_avg.Save(writer);
                exp_avg_sq.Save(writer);
                SaveConditionalStateTensor(writer, max_exp_avg_sq);
            }

            /// <inheritdoc/>
            public override void LoadStateDict(BinaryReader reader)
            {
                step = reader.ReadInt64();
                exp_avg.Load(reader);
                exp_avg_sq.Load(reader);
                LoadConditionalStateTensor(reader, ref max_exp_avg_sq, _parameter.device);
            }

            /// <inheritdoc/>
            public override void LoadStateDict(OptimizerState source)
            {
                var state = (State)source;
                step = state.step;
                Copy(ref exp_avg!, state.exp_avg);
                Copy(ref exp_avg_sq!, state.exp_avg_sq);
                Copy(ref max_exp_avg_sq, state.max_exp_avg_sq);
            }

            /// <inheritdoc/>
            public override bool ApproximatelyEquals(OptimizerState other) =>
                other is State state && step == state.step && Close(exp_avg, state.exp_avg) &&
                Close(exp_avg_sq, state.exp_avg_sq) && Close(max_exp_avg_sq, state.max_exp_avg_sq);
        }

        /// <summary>Options of a group of parameters. What is null takes the optimizer's value.</summary>
        public class Options : OptimizerOptions
        {
            /// <summary>The decay rate of the gradients' mean.</summary>
            public double? beta1;

            /// <summary>The decay rate of the mean of the gradients' squares.</summary>
            public double? beta2;

            /// <summary>The share of the parameters that is taken off in each step, times the learning rate.</summary>
            public double? weight_decay;

            /// <summary>Added to the divisor, so that nothing is divided by zero.</summary>
            public double? eps;

            /// <summary>Whether the divisor never falls (Reddi et al., 2018).</summary>
            public bool? amsgrad;

            /// <summary>Whether the objective is to rise.</summary>
            public bool? maximize;

            /// <inheritdoc/>
            public override void SaveStateDict(BinaryWriter writer)
            {
                base.SaveStateDict(writer);
                writer.Write(beta1!.Value);
                writer.Write(beta2!.Value);
                writer.Write(eps!.Value);
                writer.Write(weight_decay!.Value);
                writer.Write(amsgrad!.Value);
                writer.Write(maximize!.Value);
            }

            /// <inheritdoc/>
            public override void LoadStateDict(BinaryReader reader)
            {
                base.LoadStateDict(reader);
                beta1 = reader.ReadDouble();
                beta2 = reader.ReadDouble();
                eps = reader.ReadDouble();
                weight_decay = reader.ReadDouble();
                amsgrad = reader.ReadBoolean();
                maximize = reader.ReadBoolean();
            }

            /// <inheritdoc/>
            public override void LoadStateDict(OptimizerOptions source)
            {
                base.LoadStateDict(source);
                var options = (Options)source;
                beta1 = options.beta1;
                beta2 = options.beta2;
                eps = options.eps;
                weight_decay = options.weight_decay;
                amsgrad = options.amsgrad;
                maximize = options.maximize;
            }
        }

        /// <summary>Parameters that share options.</summary>
        public class ParamGroup : ParamGroup<Options>, IBetas
        {
            /// <summary>Creates a group without parameters and options.</summary>
            public ParamGroup() { }

            /// <summary>Creates a group.</summary>
            public ParamGroup(IEnumerable<Parameter> parameters, Options options) : base(parameters, options) { }

            /// <summary>Creates a group; the options are those of torch.optim.AdamW.</summary>
            public ParamGroup(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false)
                : base(parameters, new Options { LearningRate = lr, beta1 = beta1, beta2 = beta2, eps = eps, weight_decay = weight_decay, amsgrad = amsgrad, maximize = maximize }) { }

            /// <inheritdoc/>
            public (double, double) Betas
            {
                get => (Options.beta1!.Value, Options.beta2!.Value);
                set => (Options.beta1, Options.beta2) = value;
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
            /// <summary>Creates an optimizer by Adam with decoupled weight decay.</summary>
            /// <param name="parameters">The parameters. The sequence is enumerated anew in every step.</param>
            /// <param name="lr">The learning rate.</param>
            /// <param name="beta1">The decay rate of the gradients' mean.</param>
            /// <param name="beta2">The decay rate of the mean of the gradients' squares.</param>
            /// <param name="eps">Added to the divisor, so that nothing is divided by zero.</param>
            /// <param name="weight_decay">The share of the parameters that is taken off in each step, times the learning rate.</param>
            /// <param name="amsgrad">Whether the divisor never falls (Reddi et al., 2018).</param>
            /// <param name="maximize">Whether the objective is to rise.</param>
            /// <exception cref="ArgumentException">A value is out of range.</exception>
            public static Modules.AdamW AdamW(IEnumerable<Parameter> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            /// <summary>Creates an optimizer by Adam with decoupled weight decay for what <c>named_parameters()</c> returns.</summary>
            public static Modules.AdamW AdamW(IEnumerable<(string name, Parameter parameter)> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters.Select(named => named.parameter), lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);

            /// <summary>Creates an optimizer by Adam with decoupled weight decay for groups of parameters with options of their own.</summary>
            public static Modules.AdamW AdamW(IEnumerable<Modules.AdamW.ParamGroup> parameters, double lr = 1e-3, double beta1 = 0.9, double beta2 = 0.999, double eps = 1e-8, double weight_decay = 0, bool amsgrad = false, bool maximize = false) =>
                new(parameters, lr, beta1, beta2, eps, weight_decay, amsgrad, maximize);
        }
    }
}
