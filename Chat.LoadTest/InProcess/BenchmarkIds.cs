using Chat.Core.Conversations;

namespace Chat.LoadTest.InProcess;

internal static class BenchmarkIds
{
    public static readonly Guid Organization = Guid.Parse("456e7890-e89b-12d3-a456-426614174000");
    public static readonly Guid User = Guid.Parse("789e1234-e89b-12d3-a456-426614174000");

    public static ConversationOwner ConversationOwner(int number) => new(Conversation(number), Organization, DateTimeOffset.UtcNow);

    public static Guid Conversation(int number) => new(number + 1, 0, 0x4000, [0x80, 0, 0, 0, 0, 0, 0, 1]);
}
