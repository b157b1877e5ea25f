using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PruneGen.LibTorch.Tests;

/// <summary>Hooks around <c>forward</c>: when they run, in which order, what they can change.</summary>
public class ModuleHookTests
{
    private readonly List<string> events = [];

    [Fact]
    public void Call_runs_hooks_in_order_and_forward_runs_none()
    {
        using var module = new Recorder(events);
        module.register_forward_hook((_, _, result) => { events.Add("post 1"); return result; });
        module.register_forward_hook((Module _) => events.Add("module post"));
        module.register_forward_hook((_, _, result) => { events.Add("post 2"); return result; });
        module.register_forward_pre_hook((_, input) => { events.Add("pre 1"); return input; });
        module.register_forward_pre_hook((Module _) => events.Add("module pre"));
        module.register_forward_pre_hook((_, input) => { events.Add("pre 2"); return input; });
        using var x = zeros(1);

        module.forward(x).Dispose();
        Assert.Equal(["forward"], events);

        events.Clear();
        module.call(x).Dispose();
        Assert.Equal(["module pre", "pre 1", "pre 2", "forward", "post 1", "post 2", "module post"], events);
    }

    [Fact]
    public void A_removed_hook_no_longer_runs_and_removing_it_again_does_nothing()
    {
        using var module = new Recorder(events);
        var pre = module.register_forward_pre_hook((_, input) => { events.Add("pre"); return input; });
        var post = module.register_forward_hook((_, _, result) => { events.Add("post"); return result; });
        var modulePre = module.register_forward_pre_hook((Module _) => events.Add("module pre"));
        var modulePost = module.register_forward_hook((Module _) => events.Add("module post"));
        using var x = zeros(1);

        pre.remove();
        modulePost.remove();
        modulePost.remove();
        module.call(x).Dispose();
        Assert.Equal(["module pre", "forward", "post"], events);

        events.Clear();
        post.remove();
        modulePre.remove();
        module.call(x).Dispose();
        Assert.Equal(["forward"], events);
    }

    [Fact]
    public void Hooks_see_the_module_and_replace_input_and_result()
    {
        using var module = new Recorder(events);
        Module? seen = null;
        float inputOfPost = 0;
        module.register_forward_pre_hook((m, input) => { seen = m; return input + 10; });
        module.register_forward_hook((_, input, result) => { inputOfPost = input.item<float>(); return result * 2; });
        using var x = zeros(1);

        using var y = module.call(x);

        Assert.Same(module, seen);
        Assert.Equal(10f, inputOfPost);
        Assert.Equal(22f, y.item<float>()); // (0 + 10 + 1) * 2
    }

    [Fact]
    public void A_hook_that_returns_null_changes_nothing()
    {
        using var module = new Recorder(events);
        module.register_forward_pre_hook((_, _) => null!);
        module.register_forward_hook((_, _, _) => null!);
        using var x = zeros(1);
        using var y = module.call(x);
        Assert.Equal(1f, y.item<float>());
    }

    [Fact]
    public void A_hook_may_remove_itself_while_it_runs()
    {
        using var module = new Recorder(events);
        HookableModule<Func<Module<Tensor, Tensor>, Tensor, Tensor>, Func<Module<Tensor, Tensor>, Tensor, Tensor, Tensor>>.HookRemover? once = null;
        once = module.register_forward_hook((_, _, result) => { events.Add("once"); once!.remove(); return result; });
        using var x = zeros(1);

        module.call(x).Dispose();
        module.call(x).Dispose();
        Assert.Equal(["forward", "once", "forward"], events);
    }

    [Fact]
    public void Hooks_of_modules_below_run_when_the_model_uses_call()
    {
        using var pair = new Pair();
        pair.first.register_forward_hook((_, _, result) => { events.Add("first"); return result; });
        pair.second.register_forward_hook((_, _, result) => { events.Add("second"); return result; });
        using var x = ones(1);

        using var y = pair.forward(x);

        Assert.Equal(["first", "second"], events);
        Assert.Equal(8f, y.item<float>()); // (1 * 2 + 1) * 3 - 1
    }

    private sealed class Sum2() : Module<int, int, int>(nameof(Sum2))
    {
        public override int forward(int input1, int input2) => input1 + input2;
    }

    private sealed class Join3() : Module<string, string, string, string>(nameof(Join3))
    {
        public override string forward(string input1, string input2, string input3) => input1 + input2 + input3;
    }

    private sealed class Join4() : Module<string, string, string, string, string>(nameof(Join4))
    {
        public override string forward(string input1, string input2, string input3, string input4) => input1 + input2 + input3 + input4;
    }

    private sealed class Join5() : Module<string, string, string, string, string, string>(nameof(Join5))
    {
        public override string forward(string input1, string input2, string input3, string input4, string input5) =>
            input1 + input2 + input3 + input4 + input5;
    }

    private sealed class Join6() : Module<string, string, string, string, string, string, string>(nameof(Join6))
    {
        public override string forward(string input1, string input2, string input3, string input4, string input5, string input6) =>
            input1 + input2 + input3 + input4 + input5 + input6;
    }

    [Fact]
    public void Two_inputs()
    {
        using var module = new Sum2();
        module.register_forward_pre_hook((_, a, b) => (a * 10, b));
        module.register_forward_pre_hook((_, _, _) => null);
        module.register_forward_hook((_, a, b, result) => a * 1000 + b * 100 + result);
        Assert.Equal(3, module.forward(1, 2));
        Assert.Equal(10 * 1000 + 2 * 100 + 12, module.call(1, 2));
    }

    [Fact]
    public void Three_to_six_inputs()
    {
        using var three = new Join3();
        three.register_forward_pre_hook((_, a, b, c) => (c, b, a));
        three.register_forward_hook((_, a, _, _, result) => $"{a}:{result}");
        Assert.Equal("3:321", three.call("1", "2", "3"));

        using var four = new Join4();
        four.register_forward_pre_hook((_, a, b, c, d) => (d, c, b, a));
        four.register_forward_hook((_, a, _, _, _, result) => $"{a}:{result}");
        Assert.Equal("4:4321", four.call("1", "2", "3", "4"));

        using var five = new Join5();
        five.register_forward_pre_hook((_, a, b, c, d, e) => (e, d, c, b, a));
        five.register_forward_hook((_, a, _, _, _, _, result) => $"{a}:{result}");
        Assert.Equal("5:54321", five.call("1", "2", "3", "4", "5"));

        using var six = new Join6();
        six.register_forward_pre_hook((_, a, b, c, d, e, f) => (f, e, d, c, b, a));
        six.register_forward_hook((_, a, _, _, _, _, _, result) => $"{a}:{result}");
        Assert.Equal("6:654321", six.call("1", "2", "3", "4", "5", "6"));
    }
}
