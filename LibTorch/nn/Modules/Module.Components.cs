using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // What is registered, by name: in this module alone or in the whole tree below it.
        public partial class Module
        {
            /// <summary>
            /// The parameters with their names, those of the modules below under their path ("conv1.weight").
            /// A parameter that is registered twice comes once.
            /// </summary>
            /// <param name="recurse">False for the parameters of this module alone.</param>
            public virtual IEnumerable<(string name, Parameter parameter)> named_parameters(bool recurse = true)
            {
                var seen = new HashSet<IntPtr> { IntPtr.Zero }; // A zero handle is a disposed tensor.

                foreach (var (name, parameter) in _internal_params)
                {
                    if (seen.Add(parameter.handle))
                        yield return (name, parameter);
                }
                if (!recurse) yield break;

                foreach (var (path, module) in _internal_submodules)
                {
                    foreach (var (name, parameter) in module.named_parameters(true))
                    {
                        if (seen.Add(parameter.handle))
                            yield return ($"{path}.{name}", parameter);
                    }
                }
            }

            /// <summary>The parameters of this module and those below it, each once.</summary>
            /// <param name="recurse">False for the parameters of this module alone.</param>
            public virtual IEnumerable<Parameter> parameters(bool recurse = true) =>
                named_parameters(recurse).Select(entry => entry.parameter);

            /// <summary>
            /// The persistent buffers with their names, those of the modules below under their path.
            /// A buffer that is registered twice comes once.
            /// </summary>
            /// <param name="recurse">False for the buffers of this module alone.</param>
            /// <param name="include_nonpersistent">
            /// Passed on to the modules below. As in TorchSharp 0.107, buffers that are not persistent are left out either way;
            /// <see cref="get_buffer"/> finds them.
            /// </param>
            public virtual IEnumerable<(string name, Tensor buffer)> named_buffers(bool recurse = true, bool include_nonpersistent = true)
            {
                var seen = new HashSet<IntPtr> { IntPtr.Zero }; // A zero handle is a disposed tensor.

                foreach (var (name, (buffer, persistent)) in _internal_buffers)
                {
                    if (persistent && seen.Add(buffer.handle))
                        yield return (name, buffer);
                }
                if (!recurse) yield break;

                foreach (var (path, module) in _internal_submodules)
                {
                    foreach (var (name, buffer) in module.named_buffers(true, include_nonpersistent))
                    {
                        if (seen.Add(buffer.handle))
                            yield return ($"{path}.{name}", buffer);
                    }
                }
            }

            /// <summary>The persistent buffers of this module and those below it, each once.</summary>
            /// <param name="recurse">False for the buffers of this module alone.</param>
            /// <param name="include_nonpersistent">See <see cref="named_buffers"/>.</param>
            public virtual IEnumerable<Tensor> buffers(bool recurse = true, bool include_nonpersistent = true) =>
                named_buffers(recurse, include_nonpersistent).Select(entry => entry.buffer);

            /// <summary>The modules registered in this one, with their names.</summary>
            public virtual IEnumerable<(string name, Module module)> named_children() => _internal_submodules;

            /// <summary>The modules registered in this one.</summary>
            public virtual IEnumerable<Module> children() => named_children().Select(entry => entry.module);

            /// <summary>
            /// All modules below this one with their paths: first the direct ones, then those below each of them.
            /// This module itself is not among them.
            /// </summary>
            public virtual IEnumerable<(string name, Module module)> named_modules()
            {
                foreach (var entry in _internal_submodules)
                    yield return entry;

                foreach (var (path, child) in _internal_submodules)
                {
                    foreach (var (name, module) in child.named_modules())
                        yield return ($"{path}.{name}", module);
                }
            }

            /// <summary>All modules below this one; see <see cref="named_modules"/> for their order.</summary>
            public virtual IEnumerable<Module> modules() => named_modules().Select(entry => entry.module);

            /// <summary>Whether there is a parameter with this path.</summary>
            /// <param name="target">A name, or a path such as "conv1.weight".</param>
            public virtual bool has_parameter(string target) =>
                _internal_params.ContainsKey(target) || ChildrenOn(target).Any(step => step.child.has_parameter(step.rest));

            /// <summary>Whether there is a buffer, persistent or not, with this path.</summary>
            /// <param name="target">A name, or a path such as "bn1.running_mean".</param>
            public virtual bool has_buffer(string target) =>
                _internal_buffers.ContainsKey(target) || ChildrenOn(target).Any(step => step.child.has_buffer(step.rest));

            /// <summary>The parameter with this path, or null.</summary>
            /// <param name="target">A name, or a path such as "conv1.weight".</param>
            public virtual Parameter? get_parameter(string target)
            {
                ArgumentNullException.ThrowIfNull(target);
                return _internal_params.TryGetValue(target, out var parameter)
                    ? parameter
                    : ChildrenOn(target).Select(step => step.child.get_parameter(step.rest)).FirstOrDefault(found => found is not null);
            }

            /// <summary>The buffer, persistent or not, with this path, or null.</summary>
            /// <param name="target">A name, or a path such as "bn1.running_mean".</param>
            /// <exception cref="ArgumentNullException"><paramref name="target"/> is null.</exception>
            public virtual Tensor? get_buffer(string target)
            {
                ArgumentNullException.ThrowIfNull(target);
                return _internal_buffers.TryGetValue(target, out var entry)
                    ? entry.Item1
                    : ChildrenOn(target).Select(step => step.child.get_buffer(step.rest)).FirstOrDefault(found => found is not null);
            }

            /// <summary>
            /// One step down a path: the children with the first of its names, and the path that remains. A Sequential may
            /// hold several children with one name.
            /// </summary>
            private IEnumerable<(Module child, string rest)> ChildrenOn(string path)
            {
                int dot = path.IndexOf('.');
                if (dot < 0) return [];

                string first = path[..dot], rest = path[(dot + 1)..];
                return named_children().Where(entry => entry.name == first).Select(entry => (entry.module, rest));
            }
        }
    }
}
