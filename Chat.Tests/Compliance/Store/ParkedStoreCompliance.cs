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
    public async Task Of_many_subjects_each_has_what_waits_for_it_and_no_other_is_listed()
    {
        var subjects = Enumerable.Range(0, 25).Select(i => Subject(i % 2 == 0 ? "" : "whatsapp:")).ToList();
        var asked = subjects.Take(22).ToList();
        ParkedStatus[] parked = [.. subjects.SelectMany((subject, i) => (ParkedStatus[])[Parked(subject, i), Parked(subject, 100 + i)])];
        await Store.Parked.ParkAsync(parked, Cancellation);

        var listed = await Store.Parked.ListParkedAsync([.. asked, Subject(), .. asked.Take(3)], Cancellation);

        AssertParked(parked.Where(p => asked.Contains(p.Subject)).OrderBy(p => p.Seq), listed);
        await Store.Parked.UnparkAsync(parked, Cancellation);
        Assert.Empty(await Store.Parked.ListParkedAsync(subjects, Cancellation));
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
        var listed = await ListAsync(before, 10_000);
        AssertParked([parked[1], parked[2], parked[0]], listed.Where(p => parked.Any(mine => mine.Subject == p.Subject)));
        Assert.Equal(listed.Select(p => p.AppendedAt).Order(), listed.Select(p => p.AppendedAt));
        AssertParked(listed, await ListAsync(before, 2));

        await Store.Parked.UnparkAsync(parked, Cancellation);
        Assert.DoesNotContain(await ListAsync(before, 10_000), p => p.Subject == subject);
    }

    [Fact]
    public async Task Pages_have_each_status_that_waits_once_in_order_even_where_many_have_one_time()
    {
        var before = Now.AddHours(-5);
        var (first, second) = (Subject(), Subject("whatsapp:"));
        ParkedStatus[] parked =
        [
            .. Enumerable.Range(0, 30).Select(i => Parked(i % 2 == 0 ? first : second, i) with
            {
                AppendedAt = before.AddMinutes(-1 - (i / 6 * 7)),
            }),
        ];
        await Store.Parked.ParkAsync(parked, Cancellation);

        foreach (var limit in new[] { 1, 4, 7, 100 })
        {
            var listed = (await ListAsync(before, limit)).Where(p => p.Subject == first || p.Subject == second).ToList();
            Assert.Equal(parked.Length, listed.DistinctBy(p => (p.Subject, p.Seq)).Count());
            AssertParked(
                parked.OrderBy(p => p.AppendedAt).ThenBy(p => p.Subject, StringComparer.Ordinal).ThenBy(p => p.Seq), listed);
        }
        await Store.Parked.UnparkAsync(parked, Cancellation);
    }

    [Fact]
    public async Task What_still_waits_is_not_lost_by_tidying_and_what_is_parked_late_is_listed_from_the_beginning()
    {
        var before = Now.AddHours(-9);
        var subject = Subject();
        ParkedStatus[] parked = [.. Enumerable.Range(0, 5).Select(i => Parked(subject, i) with { AppendedAt = before.AddHours(-i - 1) })];
        await Store.Parked.ParkAsync(parked[..3], Cancellation);
        await Store.Parked.UnparkAsync(parked[1..2], Cancellation);
        await Store.Parked.TidyParkedAsync(ParkedPlace.Before(before), Cancellation);
        await Store.Parked.ParkAsync(parked[3..], Cancellation);

        AssertParked(
            [parked[0], parked[2], parked[3], parked[4]], await Store.Parked.ListParkedAsync([subject], Cancellation));
        Assert.Equal([3, 4], (await ListAsync(before, 3)).Where(p => p.Subject == subject && p.Seq > 2).Select(p => p.Seq).Order());
        await Store.Parked.UnparkAsync(parked, Cancellation);
    }

    private async Task<List<ParkedStatus>> ListAsync(DateTimeOffset before, int limit)
    {
        var listed = new List<ParkedStatus>();
        ParkedPage? page = null;
        do
        {
            page = await Store.Parked.ListParkedBeforeAsync(before, page?.Through, limit, Cancellation);
            Assert.InRange(page.Statuses.Count, 0, limit);
            listed.AddRange(page.Statuses);
        }
        while (!page.IsLast);
        return listed;
    }

    private static string Subject(string prefix = "") => $"{prefix}{Guid.NewGuid()}";
}
