// What the language needs on netstandard2.0, whose library is older than it.
namespace System.Runtime.CompilerServices
{
    /// <summary>Collection expressions of a type of ours.</summary>
    [AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface)]
    internal sealed class CollectionBuilderAttribute : Attribute
    {
        public CollectionBuilderAttribute(Type builderType, string methodName)
        {
            BuilderType = builderType;
            MethodName = methodName;
        }

        public Type BuilderType { get; }

        public string MethodName { get; }
    }
}

namespace System
{
    /// <summary>Patterns over lists.</summary>
    internal readonly struct Index
    {
        private readonly int value;
        private readonly bool fromEnd;

        public Index(int value, bool fromEnd = false)
        {
            this.value = value;
            this.fromEnd = fromEnd;
        }

        public static implicit operator Index(int value) => new(value);

        public int GetOffset(int length) => fromEnd ? length - value : value;
    }
}
