using System.Runtime.InteropServices;

namespace TorchSharp;

public static partial class torch
{
    // libtorch's names of dimensions.
    public unsafe partial class Tensor
    {
        private const string Ellipsis = "...";

        /// <summary>Whether any dimension has a name.</summary>
        public bool has_names()
        {
            var result = Native.tensor_has_names(Handle) != 0;
            GC.KeepAlive(this);
            return result;
        }

        /// <summary>The name of every dimension; null for those without.</summary>
        public string[] names
        {
            get
            {
                var result = new string[Dimensions];
                for (var i = 0; i < result.Length; i++)
                    result[i] = Marshal.PtrToStringUTF8((nint)Native.tensor_name(Handle, i))!;
                GC.KeepAlive(this);
                return result;
            }
        }

        /// <summary>The same data with other names.</summary>
        /// <param name="names">One for each dimension, null for none; "..." stands for those that keep theirs. Null takes
        /// all names away.</param>
        /// <exception cref="ArgumentException">There are more or fewer names than dimensions.</exception>
        public Tensor rename(IEnumerable<string?>? names) => new(Rename(names, inPlace: false));

        /// <summary>Gives the dimensions other names.</summary>
        /// <returns>This tensor.</returns>
        /// <inheritdoc cref="rename(IEnumerable{string})"/>
        public Tensor rename_(IEnumerable<string?>? names)
        {
            Native.tensor_release(Rename(names, inPlace: true)); // a second handle of this very tensor
            return this;
        }

        private nint Rename(IEnumerable<string?>? names, bool inPlace)
        {
            var all = names is null ? [] : Expand([.. names]);
            var native = Array.ConvertAll(all, name => Marshal.StringToCoTaskMemUTF8(name));
            try
            {
                fixed (nint* start = native)
                {
                    var result = Native.tensor_rename(Handle, (byte**)start, inPlace ? 1 : 0);
                    GC.KeepAlive(this);
                    return result != 0 ? result : throw Native.LastError();
                }
            }
            finally
            {
                Array.ForEach(native, Marshal.FreeCoTaskMem);
            }
        }

        // One name for each dimension.
        private string?[] Expand(string?[] given)
        {
            var at = Array.IndexOf(given, Ellipsis);
            if (at < 0)
            {
                return given.Length == ndim
                    ? given
                    : throw new ArgumentException($"The number of dimension names ({given.Length}) is different from the number of dimensions ({ndim}).");
            }
            var kept = (int)ndim - given.Length + 1;
            return [.. given[..at], .. names[at..(at + kept)], .. given[(at + 1)..]];
        }
    }
}
