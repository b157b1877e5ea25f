namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        /// <summary>
        /// A module whose <c>call</c> runs hooks before and after <c>forward</c>. They run in the order in which they were
        /// registered: those that take only the module come first before <c>forward</c>, and last after it.
        /// </summary>
        /// <typeparam name="TPreHook">Takes the module and its inputs; may return other inputs, or null.</typeparam>
        /// <typeparam name="TPostHook">Takes the module, its inputs and its result; may return another result, or null.</typeparam>
        public class HookableModule<TPreHook, TPostHook> : Module
        {
            /// <summary>The hooks to run before <c>forward</c>, by the key of their <see cref="HookRemover"/>.</summary>
            protected Dictionary<string, TPreHook> pre_hooks = new();

            /// <summary>The hooks to run after <c>forward</c>, by the key of their <see cref="HookRemover"/>.</summary>
            protected Dictionary<string, TPostHook> post_hooks = new();

            /// <summary>The hooks without arguments to run before <c>forward</c>, by the key of their <see cref="HookRemover"/>.</summary>
            protected Dictionary<string, Action<Module>> module_pre_hooks = new();

            /// <summary>The hooks without arguments to run after <c>forward</c>, by the key of their <see cref="HookRemover"/>.</summary>
            protected Dictionary<string, Action<Module>> module_post_hooks = new();

            /// <summary>Constructor for derived modules.</summary>
            /// <param name="name">The name of the module, for messages and debugging.</param>
            protected HookableModule(string name) : base(name) { }

            /// <summary>Adds a hook that sees, and may replace, the result of <c>forward</c>.</summary>
            /// <returns>A handle that takes the hook out again.</returns>
            public HookRemover register_forward_hook(TPostHook hook) => Register(post_hooks, hook);

            /// <summary>Adds a hook that sees, and may replace, the inputs of <c>forward</c>.</summary>
            /// <returns>A handle that takes the hook out again.</returns>
            public HookRemover register_forward_pre_hook(TPreHook hook) => Register(pre_hooks, hook);

            /// <summary>Adds a hook to run after <c>forward</c>.</summary>
            /// <returns>A handle that takes the hook out again.</returns>
            public HookRemover register_forward_hook(Action<Module> hook) => Register(module_post_hooks, hook);

            /// <summary>Adds a hook to run before <c>forward</c>.</summary>
            /// <returns>A handle that takes the hook out again.</returns>
            public HookRemover register_forward_pre_hook(Action<Module> hook) => Register(module_pre_hooks, hook);

            private HookRemover Register<THook>(Dictionary<string, THook> hooks, THook hook)
            {
                var key = Guid.NewGuid().ToString();
                hooks.Add(key, hook);
                return new HookRemover(this, key);
            }

            private void Remove(string key)
            {
                pre_hooks.Remove(key);
                post_hooks.Remove(key);
                module_pre_hooks.Remove(key);
                module_post_hooks.Remove(key);
            }

            /// <summary>The handle of a registered hook.</summary>
            public class HookRemover
            {
                private readonly HookableModule<TPreHook, TPostHook> module;
                private readonly string key;

                /// <summary>Made by the methods that register hooks.</summary>
                /// <param name="module">The module that has the hook.</param>
                /// <param name="key">The hook's key there.</param>
                public HookRemover(HookableModule<TPreHook, TPostHook> module, string key)
                {
                    this.module = module;
                    this.key = key;
                }

                /// <summary>Takes the hook out. Doing so again does nothing.</summary>
                public void remove() => module.Remove(key);
            }
        }
    }
}
