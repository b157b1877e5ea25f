namespace TorchSharp;

/// <summary>How a tensor is printed.</summary>
public enum TensorStringStyle
{
    /// <summary>Shape, element type and device only.</summary>
    Metadata,

    /// <summary>As Julia prints arrays.</summary>
    Julia,

    /// <summary>As NumPy prints arrays.</summary>
    Numpy,

    /// <summary>As a C# array initialiser.</summary>
    CSharp,

    /// <summary>As <see cref="torch.TensorStringStyle"/> says.</summary>
    Default,
}

public static partial class torch
{
    /// <summary>Julia's style.</summary>
    public const TensorStringStyle julia = TensorStringStyle.Julia;

    /// <summary>NumPy's style.</summary>
    public const TensorStringStyle numpy = TensorStringStyle.Numpy;

    /// <summary>C#'s style.</summary>
    public const TensorStringStyle csharp = TensorStringStyle.CSharp;

    private static TensorStringStyle stringStyle = TensorStringStyle.Julia;

    /// <summary>The style of tensors that are printed without one.</summary>
    /// <exception cref="ArgumentException">It is set to <see cref="TensorStringStyle.Default"/>.</exception>
    public static TensorStringStyle TensorStringStyle
    {
        get => stringStyle;
        set
        {
            if (value == TensorStringStyle.Default)
                throw new ArgumentException("The style cannot be set to 'Default'");
            stringStyle = value;
        }
    }

    // What set_printoptions sets.
    internal static string floatFormat = "g5";
    internal static string newLine = Environment.NewLine;
    internal static int lineWidth = 100;
    internal static int maxRows = 6;
    internal static int maxColumns = 6;

    /// <summary>Sets how tensors are printed.</summary>
    /// <param name="precision">How many digits after the point.</param>
    /// <param name="linewidth">How many characters on a line.</param>
    /// <param name="newLine">What ends a line.</param>
    /// <param name="sci_mode">Whether numbers are printed with an exponent.</param>
    /// <param name="maxRows">How many rows before some are left out.</param>
    /// <param name="maxColumns">How many columns before some are left out.</param>
    public static void set_printoptions(
        int precision, int? linewidth = null, string? newLine = null, bool sci_mode = false,
        int? maxRows = null, int? maxColumns = null) =>
        set_printoptions(null, sci_mode ? $"E{precision}" : $"F{precision}", linewidth, newLine, maxRows, maxColumns);

    /// <summary>Sets how tensors are printed; null leaves what is.</summary>
    /// <param name="style">The style of tensors that are printed without one.</param>
    /// <param name="floatFormat">The .NET format of floating-point numbers.</param>
    /// <param name="linewidth">How many characters on a line.</param>
    /// <param name="newLine">What ends a line.</param>
    /// <param name="maxRows">How many rows before some are left out.</param>
    /// <param name="maxColumns">How many columns before some are left out.</param>
    public static void set_printoptions(
        TensorStringStyle? style = null, string? floatFormat = null, int? linewidth = null, string? newLine = null,
        int? maxRows = null, int? maxColumns = null)
    {
        stringStyle = style ?? stringStyle;
        torch.floatFormat = floatFormat ?? torch.floatFormat;
        torch.newLine = newLine ?? torch.newLine;
        lineWidth = linewidth ?? lineWidth;
        torch.maxRows = maxRows ?? torch.maxRows;
        torch.maxColumns = maxColumns ?? torch.maxColumns;
    }
}
