using System.Runtime.CompilerServices;
using VerifyTests;

namespace PruneGen.Snapshots;

/// <summary>Compiled into a test project where its snapshots are the package Verify.SourceGenerators' business.</summary>
internal static class Initializer
{
    [ModuleInitializer]
    internal static void Initialize() => VerifySourceGenerators.Initialize();
}
