using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Parking;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Tests.Audit;
using Chat.Tests.Connectors;

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

    [Fact]
    public async Task Status_waits_until_the_log_has_that_it_was_given_up()
    {
        var known = await _chat.PostAsync();
        var key = known with { MessageId = Guid.CreateVersion7(AuditFixture.Now) };
        var status = new StatusEvent(
            key.MessageId, key.ConversationId, AuditFixture.Organization, "whatsapp", StatusKind.Read, AuditFixture.Now);
        await _chat.Log.AppendAsync(
            [new(Topics.Status, MessageIds.Format(key.ConversationId), StatusEventJson.Write(status))], AuditFixture.Cancellation);
        await _chat.WorkAsync();

        await Assert.ThrowsAnyAsync<Exception>(() => _chat.SweepAsync(new FakeLog { FailAppends = 1 }));

        Assert.Single(await _chat.Store.Parked.ListParkedAsync([$"{key.MessageId}"], AuditFixture.Cancellation));
        await _chat.SweepAsync();
        Assert.Empty(await _chat.Store.Parked.ListParkedAsync([$"{key.MessageId}"], AuditFixture.Cancellation));
    }

    // A number that another system sends from too: each of its ticks comes here.
    [Fact]
    public async Task Statuses_of_another_systems_messages_leave_no_dead_letter_and_nothing_in_the_store()
    {
        const string account = "700800900";
        var known = await _chat.ClaimAsync();
        await _chat.Store.Messages.AddMessagesAsync(
            [
                new(
                    known.MessageId, known.ConversationId, AuditFixture.Organization, Guid.NewGuid(), "whatsapp", "outbound", "text", "{}",
                    null, AuditFixture.Now, AccountId: account),
            ],
            AuditFixture.Cancellation);
        var late = new ProviderId("whatsapp", "wamid.LATE", account);
        var status = new StatusEvent(
            null, null, AuditFixture.Organization, "whatsapp", StatusKind.Read, AuditFixture.Now, Authenticated: true, AccountId: account);
        var others = Enumerable.Range(0, 700).Select(i => status with { ProviderMessageId = $"wamid.{i}" }).ToList();
        // One that is of no account, as the simulated channels' are; and one that names a message.
        List<StatusEvent> strange =
        [
            status with { AccountId = null, ProviderMessageId = "id.1" },
            status with { MessageId = Guid.CreateVersion7(AuditFixture.Now), ProviderMessageId = "wamid.x" },
        ];
        List<StatusEvent> all = [.. others, .. strange, status with { ProviderMessageId = late.Id }];
        await _chat.Log.AppendAsync(
            [.. all.Select(s => new NewEvent(Topics.Status, s.ProviderMessageId!, StatusEventJson.Write(s)))], AuditFixture.Cancellation);
        await _chat.WorkAsync();
        var subjects = all.Select(s => ParkedStatuses.SubjectOf(s)).ToList();
        Assert.Equal(all.Count, (await _chat.Store.Parked.ListParkedAsync(subjects, AuditFixture.Cancellation)).Count);
        // Its id is noted, and nobody has joined it.
        await _chat.Store.ProviderIds.AddProviderIdAsync(late, known, AuditFixture.Cancellation);

        await _chat.SweepAsync();

        Assert.Empty(await _chat.Store.Parked.ListParkedAsync(subjects, AuditFixture.Cancellation));
        var letters = await _chat.Reader.GetRangesAsync(Topics.DeadLetter(Topics.Status), AuditFixture.Cancellation);
        Assert.Equal(strange.Count, letters.Sum(r => r.End - r.Start));
        Assert.Equal(others.Count, _chat.Meters["chat.status.parked.not_ours"]);
        Assert.Equal(strange.Count, _chat.Meters["chat.status.parked.given_up"]);
        await _chat.WorkAsync();
        Assert.NotNull((await _chat.Store.Messages.GetStatesAsync([known], AuditFixture.Cancellation))[0].Facts[StatusKind.Read]);
    }
}
