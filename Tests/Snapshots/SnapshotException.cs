namespace PruneGen.Snapshots;

/// <summary>What a test made is not what was approved; the message shows the difference and names the files.</summary>
public sealed class SnapshotException(string message) : Exception(message);
