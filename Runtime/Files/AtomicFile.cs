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
        var partial = Beside(path);
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

    /// <summary>
    /// Writes files that belong together, the one that names the others last: all of them are complete on the disk before the first takes its place, and
    /// where one cannot take it, those before it give theirs back.
    /// </summary>
    /// <param name="files">Where to, and what writes the whole content of each.</param>
    /// <exception cref="IOException">One cannot be written; those that were there are as they were.</exception>
    public static void WriteTogether(params (string Path, Action<FileStream> Write)[] files)
    {
        var partials = Array.ConvertAll(files, file => Beside(file.Path));
        var placed = new List<(string Path, string? Before)>();
        try
        {
            foreach (var (file, partial) in files.Zip(partials))
            {
                using var stream = new FileStream(partial, FileMode.CreateNew, FileAccess.ReadWrite);
                file.Write(stream);
                stream.Flush(flushToDisk: true);
            }

            for (var i = 0; i < files.Length - 1; i++)
            {
                var before = File.Exists(files[i].Path) ? $"{files[i].Path}.{Path.GetRandomFileName()}{Partial}" : null;
                if (before is not null)
                {
                    File.Move(files[i].Path, before);
                }

                placed.Add((files[i].Path, before));
                File.Move(partials[i], files[i].Path);
            }

            File.Move(partials[^1], files[^1].Path, overwrite: true);
        }
        catch
        {
            foreach (var (path, before) in placed)
            {
                if (File.Exists(path))
                {
                    File.Delete(path);
                }

                if (before is not null)
                {
                    File.Move(before, path);
                }
            }

            Array.ForEach(partials, File.Delete);
            throw;
        }

        foreach (var (_, before) in placed)
        {
            if (before is not null)
            {
                File.Delete(before);
            }
        }
    }

    /// <summary>The name of a file that is written beside a place; where there can be none, that is told of the place.</summary>
    private static string Beside(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        return folder is null || Directory.Exists(path) ? throw new IOException($"{path} is a folder; give the path of a file.")
            : Directory.Exists(folder) ? $"{path}.{Path.GetRandomFileName()}{Partial}"
            : throw new DirectoryNotFoundException($"The folder of {path} does not exist; create {folder} first, or give another path.");
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
