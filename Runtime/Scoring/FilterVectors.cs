using static TorchSharp.torch;

namespace PruneGen;

/// <summary>
/// What makes each channel, as a vector: its filters in the layers that produce it, side by side. Biases, scales and what reads the
/// channel are not in it, nor are depthwise filters, which pass on channels that others make.
/// </summary>
internal static class FilterVectors
{
    /// <summary>The vectors of a group's channels, [channels, length], in float64.</summary>
    /// <param name="criterion">Who asks, for messages.</param>
    /// <param name="group">The group.</param>
    /// <exception cref="InvalidOperationException">No layer makes the channels with filters.</exception>
    public static Tensor Of(string criterion, PruningGroup group)
    {
        var parts = group.Members
            .Where(member => member.Role == MemberRole.Produces && ChannelSums.IsWeight(member) && member.Parameter.Shape.Count > 1)
            .DistinctBy(member => member.Parameter) // A recurrent layer reads its states with the dimensions behind the first.
            .Select(member => Of(group, member))
            .ToList();
        return parts.Count > 0
            ? cat(parts, 1)
            : throw new InvalidOperationException(
                $"{criterion} cannot score {group.Name}: it looks at the filters that make a channel, and nothing that makes these is a matrix or a kernel. "
                    + "Choose L1, L2 or Random for it, or keep its width.");
    }

    /// <summary>One producer's part: a channel may stand in several places there, as one does for each gate of a recurrent layer.</summary>
    private static Tensor Of(PruningGroup group, GroupMember member)
    {
        var places = member.IndexMap.Select((index, place) => (index, place: (long)place)).Where(entry => entry.index >= 0)
            .OrderBy(entry => entry.index).Select(entry => entry.place).ToArray();
        var rows = ChannelSums.Rows(member.Parameter.Tensor.detach(), member.Dim);
        return rows.index_select(0, tensor(places, device: rows.device)).reshape(group.Width, -1);
    }
}
