using System.Text;

namespace PruneGen;

/// <summary>Writes files that are there whole or not at all, whenever the process, the machine or the disk gives up.</summary>
internal static class AtomicFile
{
    private const string Partial = ".partial";

    /// <summary>Writes beside the place, has it reach the disk, and puts it in place only then: what was there before stays until that moment.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="write">Writes the whole content.</param>
    /// <exception cref="IOException">The file cannot be written; one that was there is as it was.</exception>
    public static void Write(string path, Action<FileStream> write)
    {
        var partial = $"{path}.{Path.GetRandomFileName()}{Partial}";
        try
        {
            using (var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.ReadWrite))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(partial, path, overwrite: true);
        }
        catch
        {
            File.Delete(partial);
            throw;
        }
    }

    /// <summary>Writes a text as UTF-8.</summary>
    /// <exception cref="IOException">The file cannot be written; one that was there is as it was.</exception>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    /// <summary>Removes what processes left of such files that were killed while they wrote; to be called where no other process writes.</summary>
    /// <param name="folder">The folder that they are in.</param>
    /// <param name="pattern">The names of the files, with wildcards.</param>
    public static void RemovePartial(string folder, string pattern)
    {
        foreach (var left in Directory.EnumerateFiles(folder, $"{pattern}.*{Partial}"))
        {
            File.Delete(left);
        }
    }
}
