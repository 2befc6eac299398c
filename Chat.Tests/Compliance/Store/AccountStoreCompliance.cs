using Chat.Core.Accounts;

namespace Chat.Tests.Compliance.Store;

/// <summary>What every <see cref="IAccountStore"/> promises.</summary>
public abstract class AccountStoreCompliance(IStoreEngine engine) : StoreCompliance(engine)
{
    private readonly Guid _organization = Guid.NewGuid();

    [Fact]
    public async Task Account_when_it_is_claimed_comes_back_as_it_was_given()
    {
        var (full, bare) = (NewAccount(), NewAccount() with
        {
            Key = new("instagram", NewId()),
            BusinessId = null,
            DisplayName = null,
            SealedCredentials = ReadOnlyMemory<byte>.Empty,
            State = AccountState.Active,
            Attention = null,
            MessagesPerSecond = null,
        });

        AssertSame(full, await Store.Accounts.ClaimAccountAsync(full, Cancellation));
        AssertSame(bare, await Store.Accounts.ClaimAccountAsync(bare, Cancellation));

        var found = await Store.Accounts.FindAccountsAsync([full.Key, bare.Key, new("whatsapp", NewId())], Cancellation);
        Assert.Equal(2, found.Count);
        AssertSame(full, found[full.Key]);
        AssertSame(bare, found[bare.Key]);
        Assert.Empty(await Store.Accounts.FindAccountsAsync([], Cancellation));
    }

    [Fact]
    public async Task Account_that_is_claimed_stays_with_who_claimed_it_first()
    {
        var first = NewAccount();
        await Store.Accounts.ClaimAccountAsync(first, Cancellation);

        AssertSame(first, await Store.Accounts.ClaimAccountAsync(Of(Guid.NewGuid(), first), Cancellation));
        AssertSame(first, await Store.Accounts.ClaimAccountAsync(first with { DisplayName = "another" }, Cancellation));

        AssertSame(first, await FindAsync(first.Key));
    }

    [Fact]
    public async Task Account_that_several_claim_at_once_is_ones_and_all_are_told_whose()
    {
        var key = new AccountKey("whatsapp", NewId());

        var answers = await TogetherAsync(
            16, _ => Store.Accounts.ClaimAccountAsync(NewAccount() with { Key = key, OrganizationId = Guid.NewGuid() }, Cancellation));

        var owner = Assert.Single(answers.Select(a => a.OrganizationId).Distinct());
        Assert.Equal(owner, (await FindAsync(key))!.OrganizationId);
    }

    [Fact]
    public async Task Account_of_the_same_id_on_another_channel_is_another_one()
    {
        var account = NewAccount();
        var other = Of(Guid.NewGuid(), account) with { Key = account.Key with { Channel = "instagram" } };
        await Store.Accounts.ClaimAccountAsync(account, Cancellation);

        AssertSame(other, await Store.Accounts.ClaimAccountAsync(other, Cancellation));
        await Store.Accounts.RemoveAccountAsync(other.Key, other.OrganizationId, Cancellation);

        AssertSame(account, await FindAsync(account.Key));
    }

    [Fact]
    public async Task Account_when_it_is_updated_keeps_its_organization_and_when_it_was_made()
    {
        var account = NewAccount();
        await Store.Accounts.ClaimAccountAsync(account, Cancellation);
        var updated = account with
        {
            BusinessId = null,
            DisplayName = "+55 11 3000-0002",
            App = "another",
            SealedCredentials = new byte[] { 9 },
            State = AccountState.Active,
            Attention = null,
            MessagesPerSecond = null,
            CreatedAt = Now.AddDays(-9),
            UpdatedAt = Now.AddSeconds(1),
        };

        await Store.Accounts.UpdateAccountAsync(updated, Cancellation);

        AssertSame(updated with { CreatedAt = account.CreatedAt }, await FindAsync(account.Key));
    }

    [Fact]
    public async Task Account_of_two_updates_keeps_the_later_one_in_whatever_order_they_come()
    {
        var account = NewAccount();
        var (earlier, later) = (
            account with { DisplayName = "z", MessagesPerSecond = 99, UpdatedAt = Now.AddSeconds(1) },
            account with { DisplayName = "a", MessagesPerSecond = 1, UpdatedAt = Now.AddSeconds(2) });
        await Store.Accounts.ClaimAccountAsync(account, Cancellation);

        await Store.Accounts.UpdateAccountAsync(later, Cancellation);
        await Store.Accounts.UpdateAccountAsync(earlier, Cancellation);
        AssertSame(later, await FindAsync(account.Key));

        await Store.Accounts.UpdateAccountAsync(later, Cancellation);
        await Store.Accounts.UpdateAccountAsync(account with { DisplayName = "as it was claimed" }, Cancellation);
        AssertSame(later, await FindAsync(account.Key));
    }

    [Fact]
    public async Task Account_that_many_update_at_once_ends_as_the_latest_of_them()
    {
        var account = NewAccount();
        await Store.Accounts.ClaimAccountAsync(account, Cancellation);

        await TogetherAsync(8, async i =>
        {
            await Store.Accounts.UpdateAccountAsync(
                account with { DisplayName = $"{i}", App = $"{i}", UpdatedAt = Now.AddSeconds(1 + i) }, Cancellation);
            return i;
        });

        AssertSame(account with { DisplayName = "7", App = "7", UpdatedAt = Now.AddSeconds(8) }, await FindAsync(account.Key));
    }

    [Fact]
    public async Task Account_that_nobody_claimed_or_that_was_removed_is_not_made_by_an_update()
    {
        var (unknown, removed) = (NewAccount(), NewAccount());
        await Store.Accounts.ClaimAccountAsync(removed, Cancellation);
        await Store.Accounts.RemoveAccountAsync(removed.Key, removed.OrganizationId, Cancellation);

        foreach (var account in (Account[])[unknown, removed])
        {
            await Store.Accounts.UpdateAccountAsync(account with { UpdatedAt = Now.AddHours(1) }, Cancellation);
            Assert.Null(await FindAsync(account.Key));
        }
        var keys = (await Store.Accounts.ListAccountsAsync(Cancellation)).Select(a => a.Key).ToList();
        Assert.DoesNotContain(unknown.Key, keys);
        Assert.DoesNotContain(removed.Key, keys);
    }

    [Fact]
    public async Task Account_that_is_removed_may_be_claimed_by_another_organization_and_is_only_its_own_from_then_on()
    {
        var first = NewAccount();
        var second = Of(Guid.NewGuid(), first) with { BusinessId = null, Attention = null };
        await Store.Accounts.ClaimAccountAsync(first, Cancellation);
        await Store.Accounts.RemoveAccountAsync(first.Key, first.OrganizationId, Cancellation);
        await Store.Accounts.RemoveAccountAsync(first.Key, first.OrganizationId, Cancellation);

        AssertSame(second, await Store.Accounts.ClaimAccountAsync(second, Cancellation));
        // What the first one's requests repeat.
        await Store.Accounts.UpdateAccountAsync(first with { UpdatedAt = Now.AddHours(1) }, Cancellation);
        await Store.Accounts.RemoveAccountAsync(first.Key, first.OrganizationId, Cancellation);

        AssertSame(second, await FindAsync(first.Key));
    }

    [Fact]
    public async Task Accounts_of_all_organizations_are_listed()
    {
        Account[] accounts = [.. Enumerable.Range(0, 40).Select(i => Of(i % 2 == 0 ? _organization : Guid.NewGuid(), NewAccount()))];
        foreach (var account in accounts) await Store.Accounts.ClaimAccountAsync(account, Cancellation);

        var listed = (await Store.Accounts.ListAccountsAsync(Cancellation)).ToDictionary(a => a.Key);

        foreach (var account in accounts) AssertSame(account, listed[account.Key]);
    }

    private async Task<Account?> FindAsync(AccountKey key) =>
        (await Store.Accounts.FindAccountsAsync([key], Cancellation)).GetValueOrDefault(key);

    private static string NewId() => $"{Random.Shared.NextInt64(100_000_000_000_000, 999_999_999_999_999)}";

    private Account NewAccount() => new(
        new("whatsapp", NewId()),
        _organization,
        "900100200",
        "+55 11 3000-0001 ✓",
        "default",
        new byte[] { 0, 1, 2, 255 },
        AccountState.NeedsAttention,
        "The token has expired",
        80,
        Now,
        Now);

    private static Account Of(Guid organization, Account account) => account with { OrganizationId = organization };

    private static void AssertSame(Account expected, Account? actual)
    {
        Assert.NotNull(actual);
        // Memory is compared by where it is.
        Assert.Equal(expected.SealedCredentials.ToArray(), actual.SealedCredentials.ToArray());
        Assert.Equal(expected, actual with { SealedCredentials = expected.SealedCredentials });
    }
}
