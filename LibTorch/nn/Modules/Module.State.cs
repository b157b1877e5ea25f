using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // The state of a module as a dictionary, and as a .dat file.
        //
        // A .dat file is a LEB128 count of entries; then, for each, its key as BinaryWriter writes strings and its tensor as
        // TensorExtensionMethods.Save writes tensors: element type, rank and dimensions in LEB128, and the raw elements.
        public partial class Module
        {
            /// <summary>All parameters and persistent buffers by their paths. The tensors are the module's own, not copies.</summary>
            /// <param name="destination">A dictionary to add to; null for a new one. Keys already there are left alone.</param>
            /// <param name="prefix">A path to put before all keys.</param>
            /// <returns>The dictionary.</returns>
            public virtual Dictionary<string, Tensor> state_dict(Dictionary<string, Tensor>? destination = null, string? prefix = null)
            {
                destination ??= new();
                string Key(string name) => string.IsNullOrEmpty(prefix) ? name : $"{prefix}.{name}";

                foreach (var (name, parameter) in named_parameters())
                    destination.TryAdd(Key(name), parameter);
                foreach (var (name, buffer) in named_buffers(include_nonpersistent: false))
                    destination.TryAdd(Key(name), buffer);

                // The lists above name a shared tensor once. Asking each module adds its other names, and heeds overrides.
                foreach (var (name, module) in _internal_submodules)
                    module.state_dict(destination, Key(name));

                return destination;
            }

            /// <summary>Copies values into the parameters and persistent buffers of this module and those below it.</summary>
            /// <param name="source">Tensors by the keys of <see cref="state_dict"/>.</param>
            /// <param name="strict">Whether the keys must be exactly those of this module.</param>
            /// <param name="skip">Keys to pay no heed to.</param>
            /// <returns>The keys that <paramref name="source"/> lacks, and those that this module lacks.</returns>
            /// <exception cref="InvalidOperationException">The keys differ, and <paramref name="strict"/> is set.</exception>
            public virtual (IList<string> missing_keys, IList<string> unexpected_keyes) load_state_dict(Dictionary<string, Tensor> source, bool strict = true, IList<string>? skip = null)
            {
                skip ??= Array.Empty<string>();
                var destination = state_dict();

                var unexpected = source.Keys.Where(key => !skip.Contains(key) && !destination.ContainsKey(key)).ToList();
                var missing = destination.Keys.Where(key => !skip.Contains(key) && !source.ContainsKey(key)).ToList();
                if (strict && (missing.Count > 0 || unexpected.Count > 0))
                    throw new InvalidOperationException(
                        "The loaded state_dict is not identical to the target dictionary. " +
                        $"Missing: [{string.Join(", ", missing)}]. Unexpected: [{string.Join(", ", unexpected)}]. Pass strict: false to load what both have.");

                // Autograd forbids writing to a leaf that requires a gradient.
                using var _ = no_grad();
                foreach (var (key, value) in source)
                {
                    if (!skip.Contains(key) && destination.TryGetValue(key, out var target))
                        target.copy_(value);
                }

                return (missing, unexpected);
            }

            /// <summary>Writes the parameters and persistent buffers to a file.</summary>
            /// <param name="location">The file's path. A file that is there is replaced.</param>
            /// <param name="skip">Keys to leave out.</param>
            /// <returns>This module.</returns>
            public Module save(string location, IList<string>? skip = null)
            {
                using var stream = File.Create(location);
                return save(stream, skip);
            }

            /// <summary>Writes the parameters and persistent buffers.</summary>
            /// <param name="writer">Where to write. It stays open.</param>
            /// <param name="skip">Keys to leave out.</param>
            /// <returns>This module.</returns>
            public Module save(BinaryWriter writer, IList<string>? skip = null)
            {
                save_state_dict(writer, state_dict(), skip);
                return this;
            }

            /// <summary>Writes the parameters and persistent buffers.</summary>
            /// <param name="stream">Where to write. The stream is closed at the end.</param>
            /// <param name="skip">Keys to leave out.</param>
            /// <returns>This module.</returns>
            public Module save(Stream stream, IList<string>? skip = null)
            {
                using var writer = new BinaryWriter(stream);
                return save(writer, skip);
            }

            /// <summary>Writes a state dictionary in the format of <see cref="save(BinaryWriter, IList{string}?)"/>.</summary>
            /// <param name="writer">Where to write. It stays open.</param>
            /// <param name="sd">Tensors by key.</param>
            /// <param name="skip">Keys to leave out.</param>
            public static void save_state_dict(BinaryWriter writer, Dictionary<string, Tensor> sd, IList<string>? skip = null)
            {
                var entries = sd.Where(entry => skip is null || !skip.Contains(entry.Key)).ToList();

                writer.Encode(entries.Count);
                foreach (var (key, tensor) in entries)
                {
                    writer.Write(key);
                    tensor.Save(writer);
                }
            }

            /// <summary>Reads parameters and buffers from a file that <see cref="save(string, IList{string}?)"/> wrote.</summary>
            /// <param name="location">The file's path.</param>
            /// <param name="strict">
            /// True if the file must hold exactly the keys of this module; false to load what both have and leave the rest alone.
            /// </param>
            /// <param name="skip">Keys to leave as they are. Their entries are still read, and still count for <paramref name="strict"/>.</param>
            /// <param name="loadedParameters">Gets every key of the file, with whether this module has it.</param>
            /// <returns>This module.</returns>
            /// <exception cref="FileNotFoundException">There is no such file.</exception>
            /// <exception cref="ArgumentException">The file's keys, shapes or element types are not this module's.</exception>
            public virtual Module load(string location, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                if (!File.Exists(location))
                    throw new FileNotFoundException($"There is no module file '{location}' to load.", location);

                using var stream = File.OpenRead(location);
                return load(stream, strict, skip, loadedParameters);
            }

            /// <inheritdoc cref="load(string, bool, IList{string}?, Dictionary{string, bool}?)"/>
            /// <remarks>The stream is closed at the end.</remarks>
            public Module load(Stream stream, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                using var reader = new BinaryReader(stream);
                return load(reader, strict, skip, loadedParameters);
            }

            /// <inheritdoc cref="load(string, bool, IList{string}?, Dictionary{string, bool}?)"/>
            /// <remarks>The reader stays open.</remarks>
            public virtual Module load(BinaryReader reader, bool strict = true, IList<string>? skip = null, Dictionary<string, bool>? loadedParameters = null)
            {
                skip ??= Array.Empty<string>();
                var (deviceType, deviceIndex) = (_deviceType, _deviceIndex);

                if (deviceType != DeviceType.CPU) _to(DeviceType.CPU, -1, false);
                try
                {
                    LoadEntries(reader, strict, skip, loadedParameters);
                }
                finally
                {
                    if (deviceType != DeviceType.CPU) _to(deviceType, deviceIndex, false);
                }
                return this;
            }

            private void LoadEntries(BinaryReader reader, bool strict, IList<string> skip, Dictionary<string, bool>? loadedParameters)
            {
                var destination = state_dict();

                long count = reader.Decode();
                if (strict && count != destination.Count)
                    throw new ArgumentException($"Mismatched state_dict sizes: expected {destination.Count}, but found {count} entries.");

                for (long i = 0; i < count; ++i)
                {
                    string key = reader.ReadString();
                    bool found = destination.TryGetValue(key, out var target);
                    if (!found && strict)
                        throw new ArgumentException($"Mismatched module state names: the target modules does not have a submodule or buffer named '{key}'");

                    if (found && !skip.Contains(key))
                    {
                        target!.Load(reader);
                    }
                    else
                    {
                        // The entry has to be read past even if nobody wants it.
                        using var _ = TensorExtensionMethods.Load(reader, skip: true);
                    }
                    loadedParameters?.Add(key, found);
                }
            }
        }
    }
}
