namespace TorchSharp.Utils;

/// <summary>
/// Gives a field another name than its own in the module's <c>state_dict</c>:
/// <c>[ComponentName(Name = "weight")] private Parameter _weight;</c>.
/// </summary>
public class ComponentNameAttribute : Attribute
{
    /// <summary>The name under which the field's module, parameter or buffer is registered.</summary>
    public string? Name { get; set; }
}
