using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using PruneGen.Benchmarks.Generator;

// In this process: a build of its own for each benchmark would measure the same code.
var config = DefaultConfig.Instance.AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(9));
BenchmarkSwitcher.FromTypes([typeof(GeneratorBenchmarks)]).Run(args.Length == 0 ? ["--filter", "*"] : args, config);
