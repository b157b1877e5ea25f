using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Writes the tensor to a file that PyTorch's C++ <c>torch::load</c> reads.</summary>
        public void save(string location)
        {
            Native.Check(Native.tensor_save(Handle, location));
            GC.KeepAlive(this);
        }

        /// <summary>Reads a tensor from a file that <see cref="save"/> or PyTorch's C++ <c>torch::save</c> wrote.</summary>
        public static Tensor load(string location)
        {
            var handle = Native.tensor_load(location);
            return handle != IntPtr.Zero ? new Tensor(handle) : throw Native.LastError();
        }

        /// <summary>Reads a tensor from the format of <c>.dat</c> files.</summary>
        public static Tensor Load(BinaryReader reader) => TensorExtensionMethods.Load(reader);

        /// <summary>Reads a tensor from the format of <c>.dat</c> files, and closes the stream.</summary>
        public static Tensor Load(Stream stream)
        {
            using var reader = new BinaryReader(stream);
            return Load(reader);
        }

        /// <summary>Reads a tensor from a file in the format of <c>.dat</c> files.</summary>
        /// <exception cref="FileNotFoundException">There is no such file.</exception>
        public static Tensor Load(string location)
        {
            if (!File.Exists(location))
                throw new FileNotFoundException(location);
            return Load(File.OpenRead(location));
        }
    }

    /// <summary>Writes the tensor to a file that PyTorch's C++ <c>torch::load</c> reads.</summary>
    public static void save(Tensor t, string location) => t.save(location);

    /// <summary>Reads a tensor from a file that <see cref="save"/> or PyTorch's C++ <c>torch::save</c> wrote.</summary>
    public static Tensor load(string location) => Tensor.load(location);
}
