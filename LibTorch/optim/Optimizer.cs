using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>Optimizers: how parameters follow their gradients.</summary>
    public static partial class optim
    {
        /// <summary>Base class of all optimizers.</summary>
        /// <remarks>Optimizers written in C# derive from <see cref="OptimizerHelper"/>, which keeps state and parameter groups.</remarks>
        public abstract partial class Optimizer : IDisposable
        {
            /// <summary>The groups of parameters, each with options of its own.</summary>
            protected IList<ParamGroup> _parameter_groups = [];

            private protected Optimizer() { }

            /// <summary>Releases the optimizer's state.</summary>
            public void Dispose()
            {
                Dispose(true);
                GC.SuppressFinalize(this);
            }

            /// <summary>Implements the .NET dispose pattern.</summary>
            /// <param name="disposing">True when called by <see cref="Dispose()"/>.</param>
            protected virtual void Dispose(bool disposing) { }

            /// <summary>Sets the gradients of all parameters to zero.</summary>
            public virtual void zero_grad()
            {
                using var scope = NewDisposeScope();
                foreach (var group in _parameter_groups)
                {
                    var gradients = group.Parameters.Select(parameter => parameter.grad).OfType<Tensor>().ToArray();
                    if (gradients.Length > 0) Foreach.Zero(gradients);
                }
            }

            /// <summary>Changes the parameters once, by their gradients.</summary>
            /// <param name="closure">Evaluates the model, with gradients, and returns the loss; null where that has been done.</param>
            /// <returns>What the closure returned; null without one.</returns>
            /// <exception cref="InvalidOperationException">The derived class does not say how.</exception>
            public virtual Tensor step(Func<Tensor>? closure = null) =>
                throw new InvalidOperationException($"{GetType().Name} does not override {nameof(step)}, so it has no rule by which parameters follow their gradients.");

            /// <summary>Adds a group of parameters, for instance layers that were frozen until now.</summary>
            /// <param name="param_group">The group; options that it leaves open take the optimizer's values.</param>
            public virtual void add_param_group(ParamGroup param_group) => _parameter_groups.Add(param_group);

            /// <summary>The parameters of all groups.</summary>
            public virtual IEnumerable<Parameter> parameters() => _parameter_groups.SelectMany(group => group.Parameters);

            /// <summary>The groups, as learning rate schedulers see them.</summary>
            public virtual IEnumerable<ILearningRateController> ParamGroups => _parameter_groups;

            /// <summary>Options and state of an optimizer. It refers to the optimizer's own objects: it is no copy.</summary>
            public class StateDictionary
            {
                internal StateDictionary() { }

                /// <summary>The options of each group.</summary>
                public List<OptimizerOptions> Options { get; } = [];

                /// <summary>The state of each parameter.</summary>
                public List<OptimizerState> State { get; } = [];

                /// <summary>For each group, which elements of <see cref="State"/> are its own.</summary>
                public List<List<int>> StateIndexRef { get; } = [];
            }
        }

        /// <summary>What a learning rate scheduler sets.</summary>
        public interface ILearningRateController
        {
            /// <summary>The learning rate.</summary>
            double LearningRate { set; get; }

            /// <summary>The learning rate to begin with.</summary>
            double InitialLearningRate { set; get; }
        }

        /// <summary>An optimizer, or a group of its parameters, that has a momentum.</summary>
        public interface IMomentum
        {
            /// <summary>The share of the previous step in the next.</summary>
            double Momentum { get; set; }
        }

        /// <summary>An optimizer, or a group of its parameters, that has two decay rates of running means in the place of a momentum.</summary>
        public interface IBetas
        {
            /// <summary>The decay rates of the gradients' mean and of their squares' mean.</summary>
            (double, double) Betas { get; set; }
        }
    }
}
