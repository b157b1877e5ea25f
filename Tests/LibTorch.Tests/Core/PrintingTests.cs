using System.Globalization;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace PruneGen.LibTorch.Tests;

/// <summary>The texts are TorchSharp's, style by style.</summary>
public class PrintingTests
{
    private const string NewLine = "\n";

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    private readonly Tensor matrix = tensor(new[,] { { 0f, 3.141f, 6.2834f }, { 31.415e-6f, 62834.2f, -1f } });

    [Fact]
    public void ToString_is_shape_type_and_device()
    {
        Assert.Equal("[2], type = Float32, device = cpu", zeros(2).ToString());
        Assert.Equal("[2x3x4], type = Int64, device = cpu", zeros(2, 3, 4, dtype: int64).ToString());
        Assert.Equal("[], type = Bool, device = cpu", tensor(true).ToString());
        Assert.Equal("[2], type = Float32, device = cpu", zeros(2).metastr());
        Assert.Equal(zeros(2).ToString(), zeros(2).ToString(false));
    }

    [Fact]
    public void Julias_style_aligns_columns_on_the_right()
    {
        Assert.Equal("[], type = Float32, device = cpu, value = 3.14", Julia(tensor(3.14f)));
        Assert.Equal("[4], type = Int32, device = cpu\n 0 -10 200 3\n", Julia(tensor(new[] { 0, -10, 200, 3 })));
        Assert.Equal(
            "[2x3], type = Float32, device = cpu\n" +
            "          0 3.141 6.2834\n" +
            " 3.1415e-05 62834     -1\n", Julia(matrix));
        Assert.Equal(
            "[2x1x2], type = Int64, device = cpu\n[0,..,..] =\n 0 1\n\n[1,..,..] =\n 2 3\n",
            Julia(arange(4).reshape(2, 1, 2)));
        Assert.Equal(
            "[1x2x1x1], type = Bool, device = cpu\n[0,0,..,..] =\n True\n\n[0,1,..,..] =\n False\n",
            Julia(tensor(new[] { true, false }).reshape(1, 2, 1, 1)));
    }

    [Fact]
    public void Julias_style_leaves_out_what_does_not_fit_on_a_line()
    {
        Assert.Equal("[20], type = Int64, device = cpu\n 0 1 2 3 4 5 6 7 ...\n", arange(20).jlstr(width: 20, newLine: NewLine, cultureInfo: Culture));
        Assert.Equal(
            "[2x5], type = Int64, device = cpu\n    0    1 ...\n 1000 2000 ...\n",
            stack([arange(5), arange(1, 6) * 1000]).jlstr(width: 15, newLine: NewLine, cultureInfo: Culture));
    }

    [Fact]
    public void NumPys_style_nests_brackets()
    {
        Assert.Equal("5", Numpy(tensor(5)));
        Assert.Equal("[]", Numpy(zeros(0)));
        Assert.Equal("[0, 1, 2, 3, 4, 5]", Numpy(arange(6)));
        Assert.Equal("[0, 1, 2, ... 5, 6, 7]", Numpy(arange(8)));
        Assert.Equal("[[0, 3.141, 6.2834]\n [3.1415e-05, 62834, -1]]", Numpy(matrix));
        Assert.Equal("[[[0, 1]\n  [2, 3]]\n\n [[4, 5]\n  [6, 7]]]", Numpy(arange(8).reshape(2, 2, 2)));
        Assert.Equal("[[0]\n [1]\n [2]\n ...\n [5]\n [6]\n [7]]", Numpy(arange(8).reshape(8, 1)));
    }

    [Fact]
    public void CSharps_style_is_an_initialiser()
    {
        Assert.Equal("[], type = Int32, device = cpu, value = 5", CSharp(tensor(5)));
        Assert.Equal("[2], type = Int64, device = cpu, value = long [] {1L, 2L}", CSharp(tensor(new[] { 1L, 2L })));
        Assert.Equal("[2], type = Bool, device = cpu, value = bool [] {True, False}", CSharp(tensor(new[] { true, false })));
        Assert.Equal(
            "[2x2], type = Float32, device = cpu, value = \nfloat [,] {\n {0f, 1f},\n {2f, 3f}\n}",
            CSharp(arange(4, float32).reshape(2, 2)));
        Assert.Equal(
            "[8], type = Float64, device = cpu, value = double [] {0, 1, 2, ... 5, 6, 7}", CSharp(arange(8, float64)));
    }

    [Fact]
    public void Complex_numbers_leave_out_a_part_that_is_zero()
    {
        Assert.Equal("[1+2i, 3, 4i, 0]", Numpy(tensor([(1f, 2f), (3f, 0f), (0f, 4f), (0f, 0f)])));
    }

    [Fact]
    public void Formats_cultures_and_options_are_followed()
    {
        Assert.Equal("[3.14]", tensor(new[] { 3.14159 }).npstr(fltFormat: "F2", cultureInfo: Culture));
        Assert.Equal("[3,14]", tensor(new[] { 3.14159 }).npstr(fltFormat: "F2", cultureInfo: CultureInfo.GetCultureInfo("de-DE")));

        var style = torch.TensorStringStyle;
        try
        {
            set_printoptions(style: numpy, newLine: NewLine, maxColumns: 4);
            Assert.Equal("[0, 1, ... 4, 5]", arange(6).str());
            set_printoptions(precision: 1, sci_mode: true);
            Assert.Equal("[1.5E+001]", tensor(new[] { 15.0 }).str(cultureInfo: Culture));
            Assert.Throws<ArgumentException>(() => torch.TensorStringStyle = TorchSharp.TensorStringStyle.Default);
            Assert.Equal("[6], type = Int64, device = cpu", arange(6).str(style: TorchSharp.TensorStringStyle.Metadata));
        }
        finally
        {
            set_printoptions(style: style, floatFormat: "g5", newLine: Environment.NewLine, maxColumns: 6);
        }
    }

    private static string Julia(Tensor tensor) => tensor.jlstr(newLine: NewLine, cultureInfo: Culture);

    private static string Numpy(Tensor tensor) => tensor.npstr(newLine: NewLine, cultureInfo: Culture);

    private static string CSharp(Tensor tensor) => tensor.cstr(newLine: NewLine, cultureInfo: Culture);
}
