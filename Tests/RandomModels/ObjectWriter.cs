namespace PruneGen.RandomModels;

/// <summary>Writes objects beside the model that its <c>forward</c> goes by: strategies behind an interface, settings, tables of tensors.</summary>
internal sealed class ObjectWriter(ModelWriter model)
{
    /// <summary>One of two classes behind an interface or an abstract class, one of which may hold a layer of the model.</summary>
    public void AddStrategy()
    {
        var (x, name, held) = (model.Map(), model.NewName("Way"), model.NewName("way"));
        var isInterface = model.Draw(2) == 0;
        var run = isInterface ? "public Tensor Run(Tensor t)" : "public override Tensor Run(Tensor t)";
        var factor = model.Draw(2) == 0 ? "k" : "(k + 1)";
        model.Nested($"public {(isInterface ? "interface" : "abstract class")} {name} {{ {(isInterface ? "" : "public abstract ")}Tensor Run(Tensor t); }}");
        model.Nested($"public sealed class {name}Scaled : {name} {{ private readonly double k; public {name}Scaled(double k) => this.k = k; {run} => t.tanh() * {factor}; }}");
        var layer = model.Draw(3) == 0 ? model.NewConvolution(x.Width, x.Width) : null;
        model.Nested(layer is null
            ? $"public class {name}Plain : {name} {{ protected virtual int Times => 2; {run} {{ for (var i = 0; i < Times; i++) {{ t = {model.Activated("t")}; }} return t; }} }}"
            : $"public sealed class {name}Plain : {name} {{ private readonly Module<Tensor, Tensor> layer; public {name}Plain(Module<Tensor, Tensor> layer) => this.layer = layer; {run} => layer.call(t) + t; }}");
        var made = layer is null && model.Draw(2) == 0 ? $"new {name}Scaled(0.5)" : $"new {name}Plain({layer})";
        model.Setting($"private readonly {name} {held};", $"{held} = {made};");
        model.Assign($"{held}.Run({x.Name})", x.Width, x.Size);
    }

    /// <summary>Tensors in a list, a dictionary, a tuple or an object, which stay as they are.</summary>
    public void AddTable()
    {
        var (x, held, name) = (model.Map(), model.NewName("table"), model.NewName("Table"));
        var rows = $"torch.linspace(0.5, 1.5, {x.Size})";
        switch (model.Draw(4))
        {
            case 0:
                model.Setting($"private readonly List<Tensor> {held};", $"{held} = new() {{ {rows}, torch.ones(1) }};");
                model.Assign($"{x.Name} * {held}[0] + {held}[1]", x.Width, x.Size);
                break;
            case 1:
                model.Setting($"private readonly Dictionary<string, Tensor> {held};", $"{held} = new() {{ [\"a\"] = {rows} }};");
                model.Assign($"{held}.TryGetValue(\"a\", out var {model.NewName("row")}) ? {x.Name} * {held}[\"a\"] : {x.Name}", x.Width, x.Size);
                break;
            case 2:
                model.Setting($"private readonly (Tensor Rows, int Times) {held};", $"{held} = ({rows}, 2);");
                model.Assign($"{x.Name} * {held}.Rows / {held}.Times", x.Width, x.Size);
                break;
            default:
                model.Nested($"public sealed class {name} {{ private readonly Tensor rows; private readonly double k = 0.5; public {name}(Tensor rows) => this.rows = rows; public Tensor Turn(Tensor t) => t * rows + k; }}");
                model.Setting($"private readonly {name} {held};", $"{held} = new({rows});");
                model.Assign($"{held}.Turn({x.Name})", x.Width, x.Size);
                break;
        }
    }

    /// <summary>Settings whose own methods cut a width into parts and put it together again.</summary>
    public void AddSettings()
    {
        var (x, held, name) = (model.Map(), model.NewName("settings"), model.NewName("Settings"));
        model.Nested($"public sealed class {name} {{ public int Parts {{ get; init; }} = 2; private readonly string way = \"{(model.Draw(2) == 0 ? "relu" : "tanh")}\"; public Tensor Split(Tensor t) => t.view(t.shape[0], Parts, t.shape[1] / Parts, t.shape[2], t.shape[3]); public Tensor Join(Tensor t) => t.flatten(1, 2); public Tensor Act(Tensor t) => way == \"relu\" ? t.relu() : t.tanh(); }}");
        model.Setting($"private readonly {name} {held};", $"{held} = new() {{ Parts = {(model.Draw(2) == 0 ? 2 : 1)} }};");
        model.Assign(x.Width % 2 == 0 ? $"{held}.Join({held}.Act({held}.Split({x.Name})))" : $"{held}.Act({x.Name})", x.Width, x.Size);
    }
}
