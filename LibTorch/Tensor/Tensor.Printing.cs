using System.ComponentModel;
using System.Globalization;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>Shape, element type and device, such as <c>[2x3], type = Float32, device = cpu</c>.</summary>
        public override string ToString() => ToMetadataString();

        /// <summary>The tensor in the default style, or its shape, element type and device.</summary>
        /// <param name="disamb">Whether to print the elements.</param>
        /// <param name="fltFormat">The .NET format of floating-point numbers.</param>
        /// <param name="width">How many characters on a line.</param>
        /// <param name="cultureInfo">The culture that numbers are written in.</param>
        /// <param name="newLine">What ends a line.</param>
        public string ToString(
            bool disamb, string? fltFormat = null, int? width = null, CultureInfo? cultureInfo = null, string? newLine = null) =>
            disamb ? ToString(torch.TensorStringStyle, fltFormat, width, cultureInfo, newLine) : ToMetadataString();

        /// <summary>The tensor in the given style.</summary>
        /// <param name="style">The style.</param>
        /// <param name="fltFormat">The .NET format of floating-point numbers.</param>
        /// <param name="width">How many characters on a line.</param>
        /// <param name="cultureInfo">The culture that numbers are written in.</param>
        /// <param name="newLine">What ends a line.</param>
        public string ToString(
            TensorStringStyle style, string? fltFormat = null, int? width = null, CultureInfo? cultureInfo = null, string? newLine = null)
        {
            if (style == TensorStringStyle.Default)
                style = torch.TensorStringStyle;
            if (device_type == DeviceType.META)
                style = TensorStringStyle.Metadata;

            var format = new TensorFormat(
                dtype, fltFormat ?? torch.floatFormat, width ?? lineWidth, cultureInfo ?? CultureInfo.CurrentCulture, newLine ?? torch.newLine);
            return style switch
            {
                TensorStringStyle.Metadata => ToMetadataString(),
                TensorStringStyle.Julia => format.Julia(this),
                TensorStringStyle.Numpy => format.Numpy(this),
                TensorStringStyle.CSharp => format.CSharp(this),
                _ => throw new InvalidEnumArgumentException($"Unsupported tensor string style: {style}"),
            };
        }

        internal string ToMetadataString() => $"[{string.Join('x', shape)}], type = {dtype}, device = {device}";
    }
}
