namespace Chat.Core.Log;

/// <summary>A topic as it is now, and the epoch that its events are numbered by for as long as it stays so.</summary>
public sealed record NumberedTopic(TopicDescription Description, int Epoch)
{
    /// <summary>The number of the event at an offset; see <see cref="SequenceNumber"/>.</summary>
    public long SeqAt(long offset) => SequenceNumber.Create(Epoch, offset);
}
