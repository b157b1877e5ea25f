using static TorchSharp.torch;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>A source of random numbers with a state of its own.</summary>
    public class Generator : IDisposable
    {
        /// <summary>The native generator; zero once disposed.</summary>
        public IntPtr Handle { get; private set; }

        /// <summary>The device whose random numbers it makes.</summary>
        public Device device { get; private set; }

        internal Generator(IntPtr nativeHandle)
        {
            if (nativeHandle == IntPtr.Zero)
                throw Native.LastError();
            Handle = nativeHandle;
            device = CPU;
        }

        /// <summary>A new generator.</summary>
        /// <param name="seed">Where its sequence starts.</param>
        /// <param name="device">The device it works on; the CPU by default.</param>
        public Generator(ulong seed = 0, Device? device = null) :
            this(Native.generator_new(seed, (int)(device?.type ?? DeviceType.CPU), device?.index ?? -1)) =>
            this.device = device ?? CPU;

        /// <summary>Releases the native generator.</summary>
        ~Generator() => Dispose(false);

        /// <summary>The generator that operators on the CPU use when they are given none.</summary>
        public static Generator Default => new(Native.generator_default());

        /// <summary>The state, as a tensor of bytes.</summary>
        public Tensor get_state()
        {
            var state = Native.generator_state(Handle);
            GC.KeepAlive(this);
            return state != IntPtr.Zero ? new Tensor(state) : throw Native.LastError();
        }

        /// <summary>Returns to a state that <see cref="get_state"/> gave.</summary>
        public void set_state(Tensor value)
        {
            Native.Check(Native.generator_set_state(Handle, value is null ? IntPtr.Zero : value.Handle));
            GC.KeepAlive(this);
            GC.KeepAlive(value);
        }

        /// <summary>Starts the sequence of that seed.</summary>
        public Generator manual_seed(long seed)
        {
            Native.Check(Native.generator_seed(Handle, (ulong)seed));
            GC.KeepAlive(this);
            return this;
        }

        /// <summary>Starts a sequence that depends on the time.</summary>
        /// <returns>Its seed.</returns>
        public long seed()
        {
            var seed = DateTime.UtcNow.Ticks;
            manual_seed(seed);
            return seed;
        }

        /// <summary>The seed that the present sequence started from.</summary>
        public long initial_seed()
        {
            var seed = (long)Native.generator_initial_seed(Handle);
            GC.KeepAlive(this);
            return seed;
        }

        /// <summary>Releases the native generator.</summary>
        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        /// <summary>Releases the native generator.</summary>
        protected virtual void Dispose(bool disposing)
        {
            if (Handle == IntPtr.Zero)
                return;
            Native.generator_release(Handle);
            Handle = IntPtr.Zero;
        }
    }
}
