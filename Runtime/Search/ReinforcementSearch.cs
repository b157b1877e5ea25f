using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// Reinforcement learning (He et al., "AMC: AutoML for Model Compression and Acceleration on Mobile Devices", 2018): an agent walks through the groups in the
/// order of <c>forward</c>, sees what the group is and what the way so far has cost, and says which share of it stays: <see cref="Allocator.Reinforcement"/>.
/// What it says is cut to what leaves the narrowest of all later groups within the budget (the paper's action wall). The reward, minus how bad the choice is,
/// comes at the end of the way, less a moving average of earlier ones. The agent is DDPG: an actor and a critic of 300-300 units with slow copies, γ = 1.
/// </summary>
public sealed class ReinforcementSearch : RatioSearch
{
    private const int Hidden = 300;
    private const int Features = 10;
    private const int BatchSize = 64;
    private const double Slow = 0.01;
    private const double FirstNoise = 0.5;

    /// <summary>The learning rate of the actor, above 0; that of the critic is ten times as large. 1e-4 by default.</summary>
    public double LearningRate { get; init; } = 1e-4;

    /// <summary>The share of the evaluations in which the agent only tries and does not learn to act, in [0, 1). 0.25 by default.</summary>
    public double WarmUp { get; init; } = 0.25;

    /// <inheritdoc/>
    public override string Name => nameof(Allocator.Reinforcement);

    /// <inheritdoc/>
    protected override long[] Choose(SearchContext context, Random random)
    {
        if (LearningRate is not (> 0 and <= float.MaxValue) || WarmUp is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(LearningRate), FormattableString.Invariant(
                $"The agent is to learn with LearningRate = {LearningRate} and WarmUp = {WarmUp}; give a rate above 0, such as 1e-4, and a share from 0 to ")
                    + "below 1.");
        }

        using var state = new RandomState();
        manual_seed(context.Settings.Seed);
        using var agent = new Agent(LearningRate);
        var tried = new List<long[]>();
        var (memory, baseline) = (new List<Transition>(), (double?)null);
        var firsts = (int)(WarmUp * context.Settings.Evaluations);
        for (var episode = 0; episode < 3 * context.Settings.Evaluations && !context.IsSpent; episode++)
        {
            var noise = FirstNoise * Math.Pow(0.95, Math.Max(0, episode - firsts));
            var way = Walk(context.Space, agent, noise, episode < firsts, random);
            tried.Add(way.Kept);
            var reward = -context.Value(way.Kept);
            baseline = baseline is double mean ? (0.95 * mean) + (0.05 * reward) : reward;
            for (var i = 0; i < way.Actions.Count; i++)
            {
                // With γ = 1 every step of the way is worth what its end is.
                memory.Add(new Transition(way.States[i], way.Actions[i], i + 1 < way.States.Count ? way.States[i + 1] : null, reward - baseline.Value));
            }

            memory.RemoveRange(0, Math.Max(0, memory.Count - (100 * context.Space.Groups.Count)));
            if (episode >= firsts)
            {
                for (var i = 0; i < way.Actions.Count; i++)
                {
                    agent.Learn([.. Enumerable.Range(0, BatchSize).Select(_ => memory[random.Next(memory.Count)])]);
                }
            }
        }

        return Best(context, tried);
    }

    /// <summary>One way through the groups.</summary>
    internal static (long[] Kept, List<float[]> States, List<float> Actions) Walk(WidthSpace space, Agent? agent, double noise, bool isTrial, Random random)
    {
        var (kept, states, actions) = (space.Least, new List<float[]>(), new List<float>());
        var last = 1.0;
        for (var i = 0; i < space.Groups.Count; i++)
        {
            var group = space.Groups[i];
            states.Add(FeaturesOf(space, kept, i, last));
            var action = isTrial || agent is null ? random.NextDouble() : Truncated(agent.Act(states[^1]), noise, random);

            // The action wall: what stands of the way, this share, and the narrowest of the rest.
            kept[i] = Wall(space, kept, i, group.AtMost(group.DenseCount * Math.Max(action, 1.0 / group.DenseCount)));
            last = (double)kept[i] / group.DenseCount;
            actions.Add((float)last);
        }

        return (kept, states, actions);
    }

    /// <summary>The most pieces, up to a number, that one group may keep with all later ones at their narrowest.</summary>
    internal static long Wall(WidthSpace space, long[] kept, int number, long most)
    {
        var trial = (long[])kept.Clone();
        bool Fits(long count)
        {
            trial[number] = count;
            return space.Fits(trial);
        }

        var (low, high, group) = (kept[number], most, space.Groups[number]);
        if (high <= low || Fits(high))
        {
            return Math.Max(low, high);
        }

        while (group.AtMost((low + high) / 2.0) is var middle && middle > low && middle < high)
        {
            (low, high) = Fits(middle) ? (middle, high) : (low, middle);
        }

        return low;
    }

    /// <summary>What the agent sees, each about from 0 to 1.</summary>
    private static float[] FeaturesOf(WidthSpace space, long[] kept, int number, double last)
    {
        var (group, cost) = (space.Groups[number], space.Costs[0]);
        var (all, now) = (space.WidthsOf(space.All), space.WidthsOf(kept));
        double Saved(long[] widths, WidthChoice one) => cost.Saved(widths, one.Number, one.WidthAt(one.Least)) / cost.Dense;
        var spent = cost.At(now) / cost.Limit;
        var widest = space.Groups.Max(one => one.DenseCount);
        double LossOf(WidthChoice one) => one.Pieces is null ? 0 : one.Loss(one.Least);
        var score = space.Groups.Max(LossOf);
        return
        [
            (float)((double)number / space.Groups.Count),
            (float)((double)group.DenseCount / widest),
            (float)((double)group.Least / group.DenseCount),
            (float)Saved(all, group),
            (float)(group.Pieces?.Group!.Producers.Count ?? 0),
            (float)(score > 0 ? LossOf(group) / score : 0),
            (float)spent,
            (float)(space.Groups.Skip(number + 1).Sum(one => Saved(all, one)) / space.Groups.Count),
            (float)(cost.Limit / cost.Dense),
            (float)last,
        ];
    }

    /// <summary>A number near another that is no share outside of 0 to 1: drawn again until it is not.</summary>
    private static double Truncated(double mean, double deviation, Random random)
    {
        for (var i = 0; i < 100; i++)
        {
            if (mean + (deviation * Normal(random)) is >= 0 and <= 1 and var drawn)
            {
                return drawn;
            }
        }

        return Math.Clamp(mean, 0, 1);
    }

    /// <summary>One step of a way.</summary>
    internal sealed record Transition(float[] State, float Action, float[]? Next, double Return);

    /// <summary>An actor and a critic, each with a slow copy.</summary>
    internal sealed class Agent : IDisposable
    {
        private readonly nn.Module<Tensor, Tensor> actor = Actor();
        private readonly nn.Module<Tensor, Tensor> slowActor = Actor();
        private readonly nn.Module<Tensor, Tensor> critic = Net(Features + 1);
        private readonly nn.Module<Tensor, Tensor> slowCritic = Net(Features + 1);
        private readonly optim.Optimizer actorSteps;
        private readonly optim.Optimizer criticSteps;

        public Agent(double learningRate)
        {
            (actorSteps, criticSteps) = (optim.Adam(actor.parameters(), learningRate), optim.Adam(critic.parameters(), 10 * learningRate));
            Follow(actor, slowActor, 1);
            Follow(critic, slowCritic, 1);
        }

        /// <summary>The share that the actor would keep.</summary>
        public double Act(float[] state)
        {
            using var scope = NewDisposeScope();
            using var noGradients = no_grad();
            return actor.call(tensor(state).unsqueeze(0)).item<float>();
        }

        /// <summary>One step of both, and the slow copies a hundredth after them.</summary>
        public void Learn(IReadOnlyList<Transition> batch)
        {
            using var scope = NewDisposeScope();
            using var gradients = enable_grad();
            var states = Rows(batch.Select(step => step.State));
            var actions = tensor(batch.Select(step => step.Action).ToArray()).unsqueeze(1);
            var isLast = tensor(batch.Select(step => step.Next is null ? 1f : 0f).ToArray()).unsqueeze(1);
            var returns = tensor(batch.Select(step => (float)step.Return).ToArray()).unsqueeze(1);
            var next = Rows(batch.Select(step => step.Next ?? new float[Features]));
            Tensor goal;
            using (no_grad())
            {
                goal = (returns * isLast) + (slowCritic.call(cat([next, slowActor.call(next)], 1)) * (1 - isLast));
            }

            criticSteps.zero_grad();
            (critic.call(cat([states, actions], 1)) - goal).square().mean().backward();
            criticSteps.step();
            actorSteps.zero_grad();
            (-critic.call(cat([states, actor.call(states)], 1)).mean()).backward();
            actorSteps.step();
            Follow(actor, slowActor, Slow);
            Follow(critic, slowCritic, Slow);
        }

        public void Dispose()
        {
            actorSteps.Dispose();
            criticSteps.Dispose();
            Array.ForEach([actor, slowActor, critic, slowCritic], net => net.Dispose());
        }

        private static nn.Module<Tensor, Tensor> Net(int inputs) =>
            nn.Sequential(Layer(inputs, Hidden), nn.ReLU(), Layer(Hidden, Hidden), nn.ReLU(), Layer(Hidden, 1));

        /// <summary>What the agent sees is float32, whatever the process has by default.</summary>
        private static nn.Module<Tensor, Tensor> Layer(int inputs, int outputs) => nn.Linear(inputs, outputs, dtype: ScalarType.Float32);

        private static nn.Module<Tensor, Tensor> Actor() => nn.Sequential(Net(Features), nn.Sigmoid());

        private static Tensor Rows(IEnumerable<float[]> rows) => tensor(rows.SelectMany(row => row).ToArray()).reshape(-1, Features);

        private static void Follow(nn.Module from, nn.Module to, double share)
        {
            using var noGradients = no_grad();
            foreach (var (source, goal) in from.parameters().Zip(to.parameters()))
            {
                goal.mul_(1 - share).add_(source, alpha: share);
            }
        }
    }
}
