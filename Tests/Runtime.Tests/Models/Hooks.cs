using System.Collections;
using System.Reflection;
using static TorchSharp.torch;

namespace PruneGen.Runtime.Tests;

/// <summary>The hooks that stand on a layer, which TorchSharp tells nobody.</summary>
internal static class Hooks
{
    public static int CountOf(nn.Module layer)
    {
        var fields = new List<FieldInfo>();
        for (var type = layer.GetType(); type is not null; type = type.BaseType)
        {
            fields.AddRange(type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly));
        }

        return fields.Where(field => field.Name.Contains("hook", StringComparison.OrdinalIgnoreCase)).Sum(field => ((ICollection)field.GetValue(layer)!).Count);
    }
}
