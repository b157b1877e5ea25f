namespace PruneGen.Generator.Tests;

/// <summary>Fields that <c>forward</c> itself gives a value: until it ends they are what it left there, whichever way it went.</summary>
public class ForwardFieldsTests
{
    [Theory]
    [InlineData("if (x.shape[2] > 4) { width = x.shape[1]; x = relu(x); } x = x.view(x.shape[0], width, x.shape[2], x.shape[3]);")]
    [InlineData("if (x.shape[2] > 4) { width = x.shape[1]; x = relu(x); } else { width = x.shape[1] / 1; } x = x.view(x.shape[0], width, x.shape[2], x.shape[3]);")]
    [InlineData("for (var i = 0; i < 2; i++) { if (i > 0) { x = x.view(x.shape[0], width, x.shape[2], x.shape[3]); } width = x.shape[1]; x = relu(x); }")]
    [InlineData("for (var i = 0; i < 2; i++) { width = x.shape[1]; x = relu(x); } x = x.view(x.shape[0], width, x.shape[2], x.shape[3]);")]
    [InlineData("Set(x); x = x.view(x.shape[0], width, x.shape[2], x.shape[3]);")]
    [InlineData("width = 16; Set(x); x = x.view(x.shape[0], width, x.shape[2], x.shape[3]);")]
    [InlineData("width = x.shape[1]; x = Get(x);")]
    [InlineData("width = x.shape[1]; if (x.shape[0] > 1) { x = Get(x); }")]
    [InlineData("width += x.shape[1]; x = relu(x);")]
    [InlineData("count++; if (count > 0) { x = relu(x); }")]
    [InlineData("count = count + 1; if (count > 0) { x = relu(x); } title = \"a\"; if (title == \"b\") { x = relu(x); }")]
    [InlineData("seen = true; if (seen) { x = relu(x); }")]
    [InlineData("flag = x.shape[1] > 4; if (flag) { x = relu(x); }")]
    [InlineData("last = x.shape; x = x.view(last);")]
    [InlineData("(width, count) = (x.shape[1], 3); x = x.view(x.shape[0], width, x.shape[2], x.shape[3]);")]
    [InlineData("width = 1; if (x.shape[2] > 4) { width = x.shape[1]; x = relu(x); } x = x.view(x.shape[0], width, x.shape[2], x.shape[3]);")]
    [InlineData("kept = x; if (x.shape[2] > 4) { kept = conv2.call(x); } x = x * kept;")]
    [InlineData("kept = null; if (x.shape[2] > 4) { kept = conv2.call(x); } x = x * kept!;")]
    [InlineData("kept = x; Fill(x); x = x * kept!;")]
    [InlineData("kept = x; if (x.shape[2] > 4) { Fill(x); } x = x * kept!;")]
    [InlineData("kept = x; for (var i = 0; i < 2; i++) { x = conv2.call(relu(x)); if (i > 0) { x = x * kept!; } kept = x; } x = kept!;")]
    [InlineData("if (kept is null) { kept = torch.ones(1); } x = x * 2;")]
    [InlineData("kept ??= torch.ones(1); x = x * kept;")]
    public void A_field_is_what_forward_left_there(string statements) => Loaded.From(Models.WithForward(
        $"x = conv1.call(x);\n{statements}\nreturn fc2.call(fc1.call(flatten(x, 1)));",
        """
        internal long width = 16;
        internal int count = 0;
        internal string title = "";
        internal bool seen = false, flag = false;
        internal long[] last = [];
        internal Tensor? kept;

        private void Fill(Tensor t)
        {
            if (t.shape[2] > 4)
            {
                kept = conv2.call(t);
            }
        }

        private void Set(Tensor t)
        {
            if (t.shape[2] > 2)
            {
                width = t.shape[1];
            }
        }

        private Tensor Get(Tensor t) => t.view(t.shape[0], width, t.shape[2], t.shape[3]);
        """)).Prunes([2, 3, 8, 8]);
}
