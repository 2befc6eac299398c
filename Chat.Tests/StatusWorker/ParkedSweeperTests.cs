using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Statuses;
using Chat.Tests.Audit;

namespace Chat.Tests.StatusWorker;

/// <summary>What is left of statuses whose message never comes.</summary>
public sealed class ParkedSweeperTests : IDisposable
{
    private readonly AuditFixture _chat = new();

    public void Dispose() => _chat.Dispose();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Statuses_when_no_message_ever_comes_leave_their_dead_letters_and_nothing_in_the_store(bool overHttp)
    {
        var known = await _chat.PostAsync();
        var keys = Enumerable.Range(0, 1_200).Select(_ => known with { MessageId = Guid.CreateVersion7(AuditFixture.Now) }).ToList();
        await _chat.Log.AppendAsync(
            [
                .. keys.Select(key => new NewEvent(
                    Topics.Status,
                    MessageIds.Format(key.ConversationId),
                    StatusEventJson.Write(new(
                        key.MessageId,
                        key.ConversationId,
                        AuditFixture.Organization,
                        "whatsapp",
                        StatusKind.Delivered,
                        AuditFixture.Now,
                        Authenticated: overHttp)))),
            ],
            AuditFixture.Cancellation);
        await _chat.WorkAsync();
        Assert.Equal(
            keys.Count,
            (await _chat.Store.Parked.ListParkedAsync([.. keys.Select(k => $"{k.MessageId}")], AuditFixture.Cancellation)).Count);

        await _chat.SweepAsync();

        Assert.Empty(await _chat.Store.Parked.ListParkedAsync([.. keys.Select(k => $"{k.MessageId}")], AuditFixture.Cancellation));
        Assert.All(
            await _chat.Store.Messages.GetStatesAsync(keys, AuditFixture.Cancellation), s => Assert.Equal(StatusFacts.None, s.Facts));
        Assert.Empty(await _chat.Store.Statuses.ListTimelineAsync(keys[0], AuditFixture.Cancellation));
        var letters = await _chat.Reader.GetRangesAsync(Topics.DeadLetter(Topics.Status), AuditFixture.Cancellation);
        Assert.Equal(keys.Count, letters.Sum(r => r.End - r.Start));
    }
}
