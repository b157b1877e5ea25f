// What the language needs for records and init on netstandard2.0, whose library is older than it.
namespace System.Runtime.CompilerServices;

/// <summary>Records and <c>init</c>.</summary>
internal static class IsExternalInit
{
}
