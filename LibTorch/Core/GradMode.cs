namespace TorchSharp;

public static partial class torch
{
    /// <summary>Records no gradients until the result is disposed.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    /// <summary>Records gradients until the result is disposed; does not for <c>false</c>.</summary>
    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    /// <summary>Records gradients, or does not, until the result is disposed.</summary>
    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    /// <summary>Whether this thread records gradients.</summary>
    public static bool is_grad_enabled() => Native.grad_mode() != 0;

    /// <summary>As <see cref="no_grad"/>, and faster: what is computed never takes part in gradients.</summary>
    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    /// <summary>Whether this thread is in inference mode.</summary>
    public static bool is_inference_mode_enabled() => Native.inference_mode() != 0;

    private sealed class GradMode : IDisposable
    {
        private readonly int previous = Native.grad_mode();

        internal GradMode(bool enabled) => Native.set_grad_mode(enabled ? 1 : 0);

        public void Dispose() => Native.set_grad_mode(previous);
    }

    private sealed class InferenceMode : IDisposable
    {
        private nint guard;

        internal InferenceMode(bool enabled)
        {
            guard = Native.inference_mode_enter(enabled ? 1 : 0);
            if (guard == 0)
                throw Native.LastError();
        }

        // The mode belongs to the thread that entered it, so there is no finalizer: it would end it on another.
        public void Dispose()
        {
            Native.inference_mode_leave(guard);
            guard = 0;
        }
    }
}
