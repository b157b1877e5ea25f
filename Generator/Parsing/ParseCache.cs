using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;

namespace PruneGen.Generator.Parsing;

/// <summary>
/// Remembers what was parsed of a class. The compiler asks again after every keystroke anywhere in the project, and
/// binding the methods of a thousand models takes seconds. What was parsed holds as long as the files whose methods were
/// read are the same, and no declaration in any file has changed; the bodies of other methods do not matter.
/// </summary>
internal sealed class ParseCache
{
    private static readonly ConditionalWeakTable<Compilation, Surroundings> Known = new();

    // Entries live as long as the file that declares the class.
    private readonly ConditionalWeakTable<SyntaxTree, ConcurrentDictionary<TextSpan, Entry>> entries = new();

    /// <summary>What the parser makes of a class.</summary>
    /// <param name="type">The class.</param>
    /// <param name="declaration">One of its declarations, always the same one.</param>
    /// <param name="compilation">Where both stand.</param>
    /// <param name="cancellation">Stops parsing.</param>
    public ParseResult Parse(INamedTypeSymbol type, SyntaxNode declaration, Compilation compilation, CancellationToken cancellation)
    {
        var surroundings = Known.GetValue(compilation, static one => new Surroundings(one));
        var inFile = entries.GetValue(declaration.SyntaxTree, static _ => new ConcurrentDictionary<TextSpan, Entry>());
        if (inFile.TryGetValue(declaration.Span, out var known) && known.HoldsIn(compilation, surroundings))
        {
            return known.Result;
        }

        var result = ModelParser.Parse(type, compilation, cancellation);
        inFile[declaration.Span] = new Entry(result, surroundings);
        return result;
    }

    private sealed class Entry(ParseResult result, Surroundings surroundings)
    {
        public ParseResult Result => result;

        public bool HoldsIn(Compilation compilation, Surroundings now) =>
            surroundings.Equals(now) && result.Files.All(compilation.ContainsSyntaxTree)
                && result.AskedChanges.All(asked => ChangedMembers.Any(asked.Names, compilation) == asked.Answer);
    }

    /// <summary>Everything but the bodies of methods: the declarations of all files, the references, the options.</summary>
    private sealed class Surroundings : IEquatable<Surroundings>
    {
        private static readonly ConditionalWeakTable<SyntaxTree, object> Hashes = new();
        private readonly ulong declarations;
        private readonly MetadataReference[] references;
        private readonly CompilationOptions options;

        public Surroundings(Compilation compilation)
        {
            declarations = compilation.SyntaxTrees.Aggregate(
                Hash.Start, (hash, tree) => Hash.Add(hash, (ulong)Hashes.GetValue(tree, static one => HashDeclarations(one))));

            // Whether a class is looked at closely for what it changes hangs on the names in all files.
            declarations = ChangingClasses.In(compilation).OrderBy(static name => name, StringComparer.Ordinal).Aggregate(declarations, Hash.Add);
            references = compilation.References.ToArray();
            options = compilation.Options;
        }

        public bool Equals(Surroundings? other) =>
            ReferenceEquals(this, other)
            || (other is not null && declarations == other.declarations && references.SequenceEqual(other.references) && options.Equals(other.options));

        public override bool Equals(object? obj) => Equals(obj as Surroundings);

        public override int GetHashCode() => declarations.GetHashCode();

        private static object HashDeclarations(SyntaxTree tree)
        {
            var hash = Hash.Add(Hash.Start, tree.Options.GetHashCode());
            foreach (var token in tree.GetRoot().DescendantTokens(static node => node is not (BlockSyntax or ArrowExpressionClauseSyntax)))
            {
                hash = Hash.Add(hash, token.Text);
                foreach (var trivia in token.LeadingTrivia.Where(static trivia => trivia.IsDirective))
                {
                    hash = Hash.Add(hash, trivia.ToString());
                }
            }

            return hash;
        }
    }

    /// <summary>FNV-1a over 64 bits (Fowler, Noll and Vo).</summary>
    private static class Hash
    {
        public const ulong Start = 14695981039346656037;

        public static ulong Add(ulong hash, ulong value) => unchecked((hash ^ value) * 1099511628211);

        public static ulong Add(ulong hash, int value) => Add(hash, unchecked((ulong)value));

        public static ulong Add(ulong hash, string text) => Add(text.Aggregate(hash, static (sum, character) => Add(sum, (ulong)character)), ulong.MaxValue);
    }
}
