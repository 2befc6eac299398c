using System.Text;
using Chat.Core.Store;

namespace Chat.Tests.Compliance;

/// <summary>Statuses without a message, and what connectors note.</summary>
public abstract partial class MessageStoreCompliance
{
    [Fact]
    public async Task Parked_statuses_are_listed_by_subject_in_the_order_of_their_numbers()
    {
        string first = Subject(), second = Subject("whatsapp:"), other = Subject();
        ParkedStatus[] parked = [Parked(first, 12), Parked(second, 11), Parked(first, 10), Parked(other, 9)];
        await Store.ParkAsync(parked, Cancellation);
        await Store.ParkAsync([], Cancellation);

        AssertParked([parked[2], parked[1], parked[0]], await Store.ListParkedAsync([first, second, Subject()], Cancellation));
        Assert.Empty(await Store.ListParkedAsync([], Cancellation));
        await Store.UnparkAsync(parked, Cancellation);
    }

    [Fact]
    public async Task A_status_parked_again_waits_once()
    {
        var status = Parked(Subject(), 3);
        await Store.ParkAsync([status, status], Cancellation);
        await Store.ParkAsync([status], Cancellation);

        AssertParked([status], await Store.ListParkedAsync([status.Subject], Cancellation));
        await Store.UnparkAsync([status], Cancellation);
    }

    [Fact]
    public async Task An_unparked_status_waits_no_more_and_the_others_do()
    {
        var subject = Subject();
        ParkedStatus[] parked = [Parked(subject, 1), Parked(subject, 2), Parked(subject, 3)];
        await Store.ParkAsync(parked, Cancellation);

        await Store.UnparkAsync([parked[0], parked[2]], Cancellation);
        await Store.UnparkAsync([parked[0]], Cancellation);
        await Store.UnparkAsync([], Cancellation);

        AssertParked([parked[1]], await Store.ListParkedAsync([subject], Cancellation));
        await Store.UnparkAsync(parked, Cancellation);
        Assert.Empty(await Store.ListParkedAsync([subject], Cancellation));
    }

    [Fact]
    public async Task What_has_waited_longest_is_listed_first()
    {
        var subject = Subject();
        var before = Now.AddHours(-1);
        ParkedStatus[] parked =
        [
            Parked(subject, 5) with { AppendedAt = before.AddMilliseconds(-1) },
            Parked(Subject(), 4) with { AppendedAt = before.AddHours(-3) },
            Parked(subject, 6) with { AppendedAt = before.AddHours(-2) },
            Parked(subject, 7) with { AppendedAt = before },
            Parked(subject, 8) with { AppendedAt = before.AddHours(1) },
        ];
        await Store.ParkAsync(parked, Cancellation);

        // Others may have left something on the same server.
        var listed = await Store.ListParkedBeforeAsync(before, 10_000, Cancellation);
        AssertParked([parked[1], parked[2], parked[0]], listed.Where(p => parked.Any(mine => mine.Subject == p.Subject)));
        Assert.Equal(listed.Select(p => p.AppendedAt).Order(), listed.Select(p => p.AppendedAt));
        Assert.Equal(2, (await Store.ListParkedBeforeAsync(before, 2, Cancellation)).Count);

        await Store.UnparkAsync(parked, Cancellation);
        Assert.DoesNotContain(await Store.ListParkedBeforeAsync(before, 10_000, Cancellation), p => p.Subject == subject);
    }

    // --- Hand-overs ---

    [Fact]
    public async Task The_earliest_hand_over_stays_and_so_does_a_providers_id()
    {
        var message = Ids.Next();
        var first = new HandOver(message, "whatsapp", Now, null);
        Assert.Equal([first], await Store.RecordHandOversAsync([first], Cancellation));

        var later = new HandOver(message, "whatsapp", Now.AddSeconds(5), "wamid.1");
        Assert.Equal([first with { ProviderMessageId = "wamid.1" }], await Store.RecordHandOversAsync([later], Cancellation));

        var another = new HandOver(message, "whatsapp", Now.AddSeconds(9), "wamid.2");
        Assert.Equal([first with { ProviderMessageId = "wamid.1" }], await Store.RecordHandOversAsync([another], Cancellation));

        var earlier = new HandOver(message, "whatsapp", Now.AddSeconds(-5), null);
        HandOver standing = earlier with { ProviderMessageId = "wamid.1" };
        Assert.Equal([standing], await Store.RecordHandOversAsync([earlier], Cancellation));
        Assert.Equal([standing], await Store.RecordHandOversAsync([first], Cancellation));
    }

    [Fact]
    public async Task Hand_overs_are_answered_in_the_order_given()
    {
        var handOvers = Enumerable.Range(0, 50).Select(i => new HandOver(Ids.Next(), "instagram", Now.AddMilliseconds(i), $"mid.{i}")).ToArray();
        await Store.RecordHandOversAsync(handOvers, Cancellation);
        new Random(2).Shuffle(handOvers);

        var again = await Store.RecordHandOversAsync([.. handOvers.Select(h => h with { At = h.At.AddDays(1) })], Cancellation);

        Assert.Equal(handOvers, again);
        Assert.Empty(await Store.RecordHandOversAsync([], Cancellation));
    }

    [Fact]
    public async Task Hand_overs_at_the_same_time_agree_once_all_are_noted()
    {
        var message = Ids.Next();
        await TogetherAsync(12, i => Store.RecordHandOversAsync([new(message, "whatsapp", Now.AddMilliseconds(i), null)], Cancellation));

        var standing = await Store.RecordHandOversAsync([new(message, "whatsapp", Now.AddHours(1), null)], Cancellation);

        Assert.Equal([new(message, "whatsapp", Now, null)], standing);
    }

    // --- Provider ids ---

    [Fact]
    public async Task A_providers_id_stands_for_the_first_message_it_was_noted_for()
    {
        string id = $"wamid.{Guid.NewGuid():N}✓", other = $"wamid.{Guid.NewGuid():N}";
        MessageKey first = NewKey(), second = NewKey();
        Assert.Null(await Store.FindByProviderIdAsync("whatsapp", id, Cancellation));

        await Store.AddProviderIdAsync("whatsapp", id, first, Cancellation);
        await Store.AddProviderIdAsync("whatsapp", id, first, Cancellation);
        await Store.AddProviderIdAsync("whatsapp", id, second, Cancellation);

        Assert.Equal(first, await Store.FindByProviderIdAsync("whatsapp", id, Cancellation));
        Assert.Null(await Store.FindByProviderIdAsync("instagram", id, Cancellation));
        Assert.Null(await Store.FindByProviderIdAsync("whatsapp", other, Cancellation));
    }

    private static string Subject(string prefix = "") => $"{prefix}{Guid.NewGuid()}";

    protected static ParkedStatus Parked(string subject, long seq) =>
        new(subject, seq, Encoding.UTF8.GetBytes($"{{\"status\":\"SENT\",\"n\":{seq}}}"), Now.AddMilliseconds(seq));

    protected static void AssertParked(IEnumerable<ParkedStatus> expected, IEnumerable<ParkedStatus> actual)
    {
        static (string, long, string, DateTimeOffset) Shown(ParkedStatus p) => (p.Subject, p.Seq, Encoding.UTF8.GetString(p.Value.Span), p.AppendedAt);
        Assert.Equal(expected.Select(Shown), actual.Select(Shown));
    }
}
