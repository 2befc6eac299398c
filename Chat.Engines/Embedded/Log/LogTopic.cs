using Chat.Core.Log;

namespace Chat.Engines.Embedded.Log;

/// <summary>A topic and its partitions.</summary>
internal sealed class LogTopic(TopicDescription description, IReadOnlyList<LogPartition> partitions)
{
    public TopicDescription Description => description;

    public IReadOnlyList<LogPartition> Partitions => partitions;
}
