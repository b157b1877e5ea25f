using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// The classes of a project whose methods may change what outlasts a call: fields, static members, parts of objects. Told by names alone, for every file once
/// as long as it is the same, so that only the few classes concerned are looked at closely (<see cref="KeptState"/>).
/// </summary>
internal static class ChangingClasses
{
    private static readonly ConditionalWeakTable<SyntaxTree, FileFacts> Files = new();
    private static readonly ConditionalWeakTable<Compilation, HashSet<string>> Known = new();

    /// <summary>The names of these classes; those that derive from nothing are left out, since no model is among them.</summary>
    public static HashSet<string> In(Compilation compilation) => Known.GetValue(compilation, static one => Find(one));

    /// <summary>Whether the name is that of a method of .NET's collections, builders and clocks that changes what it is called on.</summary>
    public static bool IsMutator(string name) => name is "Add" or "AddFirst" or "AddLast" or "AddOrUpdate" or "AddRange" or "Append" or "AppendLine"
        or "Clear" or "Dequeue" or "Enqueue" or "ExceptWith" or "Insert" or "InsertRange" or "IntersectWith" or "MoveNext" or "Pop" or "Push" or "Remove"
        or "RemoveAll" or "RemoveAt" or "RemoveFirst" or "RemoveLast" or "RemoveRange" or "Reset" or "Restart" or "Reverse" or "Set" or "SetAll" or "SetValue"
        or "Sort" or "Start" or "Stop" or "SymmetricExceptWith" or "TryAdd" or "TryDequeue" or "TryPop" or "TryRemove" or "TryTake" or "TryUpdate"
        or "UnionWith";

    /// <summary>Whether the name is that of a static method of .NET's that changes an array that it is given, or hands it on to be changed.</summary>
    public static bool IsOfArrays(string name) => name is "Reverse" or "Sort" or "Fill" or "Clear" or "Copy" or "CopyTo" or "BlockCopy"
        or "Resize" or "AsSpan" or "AsMemory";

    /// <summary>Whether the name is that of a method which nobody need name where it is called: by a foreach, a query, a text, a comparison.</summary>
    public static bool IsCalledUnnamed(string name) => name is "GetEnumerator" or "ToString" or "Equals" or "GetHashCode" or "CompareTo";

    private static HashSet<string> Find(Compilation compilation)
    {
        var files = compilation.SyntaxTrees.Select(tree => Files.GetValue(tree, static one => new FileFacts(one))).ToList();
        var found = new HashSet<string>(StringComparer.Ordinal);
        var changing = new HashSet<Member>(files.SelectMany(file => file.Members).Where(member => member.Changes));
        if (changing.Count == 0)
        {
            return found;
        }

        // What names one that changes something may change it, too; a layer that is called is looked at by its class.
        var names = new HashSet<string>(changing.Select(member => member.Name).Where(IsFollowed), StringComparer.Ordinal);
        var others = files.SelectMany(file => file.Members).Where(member => !member.Changes).ToList();
        for (var before = -1; before != changing.Count;)
        {
            before = changing.Count;
            foreach (var member in others.Where(member => !changing.Contains(member) && member.Mentions.Any(names.Contains)))
            {
                changing.Add(member);
                if (IsFollowed(member.Name))
                {
                    names.Add(member.Name);
                }
            }
        }

        var deriving = files.SelectMany(file => file.Deriving);
        found.UnionWith(changing.Any(member => IsCalledUnnamed(member.Name)) ? deriving : changing.Select(member => member.Class).Intersect(deriving));
        return found;
    }

    private static bool IsFollowed(string name) => name is not ("forward" or "call");

    private sealed class FileFacts
    {
        public FileFacts(SyntaxTree tree)
        {
            // What is generated changes nothing that forward goes by.
            if (tree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal))
            {
                return;
            }

            foreach (var declared in tree.GetRoot().DescendantNodes(static node => node is not (BlockSyntax or ArrowExpressionClauseSyntax)))
            {
                switch (declared)
                {
                    case TypeDeclarationSyntax { BaseList: not null, Identifier.ValueText: var name }:
                        Deriving.Add(name);
                        break;
                    case MethodDeclarationSyntax { Identifier.ValueText: var name }:
                        Members.Add(new Member(declared, name));
                        break;
                    case PropertyDeclarationSyntax { Identifier.ValueText: var name }:
                        Members.Add(new Member(declared, name));
                        break;
                    case AnonymousFunctionExpressionSyntax or ConstructorDeclarationSyntax:
                        // What constructors put into delegates may run in forward.
                        Members.AddRange(
                            declared.DescendantNodesAndSelf().OfType<AnonymousFunctionExpressionSyntax>().Select(lambda => new Member(lambda, "")));
                        break;
                    case IndexerDeclarationSyntax or OperatorDeclarationSyntax or ConversionOperatorDeclarationSyntax:
                        Members.Add(new Member(declared, ""));
                        break;
                }
            }
        }

        public List<string> Deriving { get; } = [];

        public List<Member> Members { get; } = [];
    }

    /// <summary>A method or property.</summary>
    private sealed class Member
    {
        private readonly Lazy<string[]> mentions;

        public Member(SyntaxNode declared, string name)
        {
            Name = name;
            Class = declared.FirstAncestorOrSelf<TypeDeclarationSyntax>()?.Identifier.ValueText ?? "";
            var locals = new Lazy<HashSet<string>>(() => new(declared.DescendantNodes().Select(NameOfLocal).OfType<string>(), StringComparer.Ordinal));
            Changes = declared.DescendantNodes().Any(node => IsChange(node, locals));
            mentions = new(() => [.. declared.DescendantNodes().Select(NameOf).OfType<string>().Distinct(StringComparer.Ordinal)]);
        }

        public string Class { get; }

        public string Name { get; }

        public bool Changes { get; }

        /// <summary>The names in it, which only a project where something changes is asked for.</summary>
        public string[] Mentions => mentions.Value;

        /// <summary>What a piece of source names; what is left by <c>using</c> is disposed of.</summary>
        private static string? NameOf(SyntaxNode node) => node switch
        {
            IdentifierNameSyntax { Identifier.ValueText: var name } => name,
            UsingStatementSyntax or LocalDeclarationStatementSyntax { UsingKeyword.RawKind: not 0 }
                when !node.DescendantNodes().Any(one => one is IdentifierNameSyntax { Identifier.ValueText: "NewDisposeScope" or "no_grad" }) => "Dispose",
            _ => null,
        };

        private static string? NameOfLocal(SyntaxNode node) => node switch
        {
            VariableDeclaratorSyntax { Identifier.ValueText: var name } => name,
            SingleVariableDesignationSyntax { Identifier.ValueText: var name } => name,
            ForEachStatementSyntax { Identifier.ValueText: var name } => name,
            ParameterSyntax { Identifier.ValueText: var name } => name,
            _ => null,
        };

        private static bool IsChange(SyntaxNode node, Lazy<HashSet<string>> locals) => node switch
        {
            // What is computed once and kept is the same each time; what makes an object says nothing of one that is there.
            AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.CoalesceAssignmentExpression } => false,
            AssignmentExpressionSyntax { Parent: InitializerExpressionSyntax } => false,
            AssignmentExpressionSyntax { Left: var target } => IsOutside(target, locals),
            PrefixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PreIncrementExpression or (int)SyntaxKind.PreDecrementExpression, Operand: var target } =>
                IsOutside(target, locals),
            PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.PostIncrementExpression or (int)SyntaxKind.PostDecrementExpression,
                Operand: var target } => IsOutside(target, locals),
            ArgumentSyntax { RefKindKeyword.RawKind: (int)SyntaxKind.RefKeyword or (int)SyntaxKind.OutKeyword, Expression: var target } =>
                IsOutside(target, locals),
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: var name } } when IsOfArrays(name) => true,
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: var name, Expression: var target } } =>
                IsMutator(name) && (IsOutside(target, locals) || IsParameter(target) || IsOtherName(target)),
            InvocationExpressionSyntax { Expression: MemberBindingExpressionSyntax { Name.Identifier.ValueText: var name } } => IsMutator(name),
            _ => false,
        };

        /// <summary>Whether a place is more than a local, or an element of one: a part of what a local stands for may be anyone's.</summary>
        private static bool IsOutside(ExpressionSyntax target, Lazy<HashSet<string>> locals) => target switch
        {
            IdentifierNameSyntax { Identifier.ValueText: var name } => name != "_" && !locals.Value.Contains(name),
            ElementAccessExpressionSyntax { Expression: var of } => IsOutside(of, locals) || IsParameter(of) || IsOtherName(of),
            ParenthesizedExpressionSyntax { Expression: var of } => IsOutside(of, locals),
            PostfixUnaryExpressionSyntax { Operand: var of } => IsOutside(of, locals),
            CastExpressionSyntax { Expression: var of } => IsOutside(of, locals),
            TupleExpressionSyntax { Arguments: var parts } => parts.Any(part => IsOutside(part.Expression, locals)),
            DeclarationExpressionSyntax => false,
            _ => true,
        };

        /// <summary>Whether a local may name what another has: it is not made where it is declared.</summary>
        private static bool IsOtherName(ExpressionSyntax local) => local is IdentifierNameSyntax { Identifier.ValueText: var asked }
            && local.FirstAncestorOrSelf<MemberDeclarationSyntax>()?.DescendantNodes().Any(node => node switch
            {
                VariableDeclaratorSyntax { Identifier.ValueText: var name, Initializer.Value: var value } => name == asked && IsNameOf(value),
                AssignmentExpressionSyntax { Left: IdentifierNameSyntax { Identifier.ValueText: var name }, Right: var value } =>
                    name == asked && IsNameOf(value),
                SingleVariableDesignationSyntax { Identifier.ValueText: var name } => name == asked,
                ForEachStatementSyntax { Identifier.ValueText: var name } => name == asked,
                _ => false,
            }) == true;

        private static bool IsNameOf(ExpressionSyntax value) => value switch
        {
            IdentifierNameSyntax or MemberAccessExpressionSyntax { Name.Identifier.ValueText: not "shape" } or ConditionalExpressionSyntax => true,
            ElementAccessExpressionSyntax { Expression: var of } => IsNameOf(of),
            CastExpressionSyntax { Expression: var of } => IsNameOf(of),
            BinaryExpressionSyntax { Left: var one, Right: var other } => IsNameOf(one) || IsNameOf(other),
            ObjectCreationExpressionSyntax { Type: QualifiedNameSyntax { Right: GenericNameSyntax { Identifier.ValueText: var name } } } => IsWindow(name),
            ObjectCreationExpressionSyntax { Type: GenericNameSyntax { Identifier.ValueText: var name } } => IsWindow(name),
            InvocationExpressionSyntax { Expression: IdentifierNameSyntax } => true,
            InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: var name } } =>
                name is "AsSpan" or "First" or "Last" or "Peek",
            _ => false,
        };

        private static bool IsWindow(string type) => type is "ArraySegment" or "Span" or "Memory";

        /// <summary>Whether a name may be that of a parameter, so of what the caller keeps.</summary>
        private static bool IsParameter(ExpressionSyntax name) => name is IdentifierNameSyntax { Identifier.ValueText: var asked }
            && name.Ancestors().Any(around => around switch
            {
                BaseMethodDeclarationSyntax { ParameterList.Parameters: var given } => given.Any(one => one.Identifier.ValueText == asked),
                LocalFunctionStatementSyntax { ParameterList.Parameters: var given } => given.Any(one => one.Identifier.ValueText == asked),
                ParenthesizedLambdaExpressionSyntax { ParameterList.Parameters: var given } => given.Any(one => one.Identifier.ValueText == asked),
                SimpleLambdaExpressionSyntax { Parameter.Identifier.ValueText: var given } => given == asked,
                _ => false,
            });
    }
}
