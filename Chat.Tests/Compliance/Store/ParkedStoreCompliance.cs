using Chat.Core.Parking;

namespace Chat.Tests.Compliance.Store;

/// <summary>What every <see cref="IParkedStore"/> promises.</summary>
public abstract class ParkedStoreCompliance(IStoreEngine engine) : StoreCompliance(engine)
{
    [Fact]
    public async Task Parked_statuses_are_listed_by_subject_in_the_order_of_their_numbers()
    {
        string first = Subject(), second = Subject("whatsapp:"), other = Subject();
        ParkedStatus[] parked = [Parked(first, 12), Parked(second, 11), Parked(first, 10), Parked(other, 9)];
        await Store.Parked.ParkAsync(parked, Cancellation);
        await Store.Parked.ParkAsync([], Cancellation);

        AssertParked([parked[2], parked[1], parked[0]], await Store.Parked.ListParkedAsync([first, second, Subject()], Cancellation));
        Assert.Empty(await Store.Parked.ListParkedAsync([], Cancellation));
        await Store.Parked.UnparkAsync(parked, Cancellation);
    }

    [Fact]
    public async Task A_status_parked_again_waits_once()
    {
        var status = Parked(Subject(), 3);
        await Store.Parked.ParkAsync([status, status], Cancellation);
        await Store.Parked.ParkAsync([status], Cancellation);

        AssertParked([status], await Store.Parked.ListParkedAsync([status.Subject], Cancellation));
        await Store.Parked.UnparkAsync([status], Cancellation);
    }

    [Fact]
    public async Task An_unparked_status_waits_no_more_and_the_others_do()
    {
        var subject = Subject();
        ParkedStatus[] parked = [Parked(subject, 1), Parked(subject, 2), Parked(subject, 3)];
        await Store.Parked.ParkAsync(parked, Cancellation);

        await Store.Parked.UnparkAsync([parked[0], parked[2]], Cancellation);
        await Store.Parked.UnparkAsync([parked[0]], Cancellation);
        await Store.Parked.UnparkAsync([], Cancellation);

        AssertParked([parked[1]], await Store.Parked.ListParkedAsync([subject], Cancellation));
        await Store.Parked.UnparkAsync(parked, Cancellation);
        Assert.Empty(await Store.Parked.ListParkedAsync([subject], Cancellation));
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
        await Store.Parked.ParkAsync(parked, Cancellation);

        // Others may have left something on the same server.
        var listed = await Store.Parked.ListParkedBeforeAsync(before, 10_000, Cancellation);
        AssertParked([parked[1], parked[2], parked[0]], listed.Where(p => parked.Any(mine => mine.Subject == p.Subject)));
        Assert.Equal(listed.Select(p => p.AppendedAt).Order(), listed.Select(p => p.AppendedAt));
        Assert.Equal(2, (await Store.Parked.ListParkedBeforeAsync(before, 2, Cancellation)).Count);

        await Store.Parked.UnparkAsync(parked, Cancellation);
        Assert.DoesNotContain(await Store.Parked.ListParkedBeforeAsync(before, 10_000, Cancellation), p => p.Subject == subject);
    }

    private static string Subject(string prefix = "") => $"{prefix}{Guid.NewGuid()}";
}
