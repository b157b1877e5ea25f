using System.Reflection;
using System.Runtime.InteropServices;
using MPI;

namespace PruneGen.Samples.Mpi;

/// <summary>The processes that <c>mpiexec</c> has started, by MPI.NET.</summary>
public sealed class MpiCommunicator : Communicator
{
    /// <summary>The variable that names another MPI library than the ones that are looked for.</summary>
    public const string LibraryVariable = "PRUNEGEN_MPI";

    private readonly Intracommunicator world;

    private MpiCommunicator(Intracommunicator world) => this.world = world;

    /// <inheritdoc/>
    public override int Rank => world.Rank;

    /// <inheritdoc/>
    public override int Size => world.Size;

    /// <summary>
    /// Does the work of one process. What it throws goes to the error stream, and ends the other processes: they would wait for this one for ever.
    /// </summary>
    /// <param name="work">What each process does, on this thread.</param>
    /// <returns>What the work returns; 1 where MPI is not there.</returns>
    public static int Run(Func<Communicator, int> work)
    {
        if (!OperatingSystem.IsWindows())
        {
            NativeLibrary.SetDllImportResolver(typeof(Intracommunicator).Assembly, Find);
        }

        try
        {
            var arguments = Array.Empty<string>();
            using var environment = new MPI.Environment(ref arguments);
            return Run(new MpiCommunicator(MPI.Communicator.world), work);
        }
        catch (DllNotFoundException missing)
        {
            Console.Error.WriteLine($"error: {missing.Message}");
            return 1;
        }
    }

    /// <inheritdoc/>
    public override void Sum(Span<float> values)
    {
        var sums = new float[values.Length];
        world.Allreduce(values.ToArray(), Operation<float>.Add, ref sums);
        sums.CopyTo(values);
    }

    /// <inheritdoc/>
    public override void Sum(Span<double> values)
    {
        var sums = new double[values.Length];
        world.Allreduce(values.ToArray(), Operation<double>.Add, ref sums);
        sums.CopyTo(values);
    }

    /// <inheritdoc/>
    public override void Broadcast(Span<byte> values)
    {
        var bytes = values.ToArray();
        world.Broadcast(ref bytes, root: 0);
        bytes.CopyTo(values);
    }

    private static int Run(MpiCommunicator all, Func<Communicator, int> work)
    {
        try
        {
            return work(all);
        }
        catch (Exception error)
        {
            Console.Error.WriteLine($"error: process {all.Rank} of {all.Size} has failed, and ends the others. {error}");
            all.world.Abort(1);
            throw;
        }
    }

    /// <summary>MPI.NET names Microsoft's library; MPICH and what is derived from it can be called the same way. Open MPI cannot.</summary>
    private static IntPtr Find(string name, Assembly assembly, DllImportSearchPath? path)
    {
        string[] names = System.Environment.GetEnvironmentVariable(LibraryVariable) is string given
            ? [given] : ["libmpich.so.12", "libmpi.so.12", "libmpi.12.dylib"];
        foreach (var candidate in names)
        {
            if (NativeLibrary.TryLoad(candidate, out var library))
            {
                return library;
            }
        }

        throw new DllNotFoundException(
            $"MPICH is not there: none of {string.Join(", ", names)} can be loaded. Install it (Debian and Ubuntu: apt install mpich), or name its library by "
                + $"{LibraryVariable}. Open MPI will not do: its interface is another one.");
    }
}
