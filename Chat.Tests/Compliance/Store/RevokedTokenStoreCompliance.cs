using Chat.Core.Tokens;

namespace Chat.Tests.Compliance.Store;

/// <summary>What every <see cref="IRevokedTokenStore"/> promises.</summary>
public abstract class RevokedTokenStoreCompliance(IStoreEngine engine) : StoreCompliance(engine)
{
    [Fact]
    public async Task A_token_that_is_revoked_is_listed_until_it_would_have_expired_and_an_hour_more()
    {
        var token = new RevokedToken($"é✓ {Guid.NewGuid()} '; --", Now.AddHours(2));

        await RevokeAsync(token);

        Assert.Equal(token, Assert.Single(await ListAsync(token.TokenId, Now)));
        Assert.Equal(token, Assert.Single(await ListAsync(token.TokenId, Now.AddHours(3).AddMilliseconds(-1))));
        Assert.Empty(await ListAsync(token.TokenId, Now.AddHours(3)));
    }

    [Fact]
    public async Task A_token_that_is_revoked_again_is_kept_for_the_longer_time()
    {
        var id = Guid.NewGuid().ToString();

        foreach (var hours in new[] { 2, 5, 5, 1 }) await RevokeAsync(new(id, Now.AddHours(hours)));

        Assert.Equal(Now.AddHours(5), (await ListAsync(id, Now.AddHours(4))).Select(t => t.Until).Max());
        Assert.Empty(await ListAsync(id, Now.AddHours(6)));
    }

    [Fact]
    public async Task Ids_are_told_apart_by_case_and_may_be_as_long_as_a_token_says()
    {
        var id = $"A{Guid.NewGuid()}".PadRight(RevokedToken.MaxIdLength, '✓');

        await RevokeAsync(new(id, Now.AddHours(1)));

        Assert.Single(await ListAsync(id, Now));
        Assert.Empty(await ListAsync(id.Replace('A', 'a'), Now));
    }

    [Fact]
    public async Task A_token_that_expired_long_ago_is_not_listed()
    {
        var token = new RevokedToken(Guid.NewGuid().ToString(), Now.AddDays(-1));

        await RevokeAsync(token);

        Assert.Empty(await ListAsync(token.TokenId, Now));
    }

    private ValueTask RevokeAsync(RevokedToken token) => Store.RevokedTokens.RevokeAsync(token, Cancellation);

    private async Task<IReadOnlyList<RevokedToken>> ListAsync(string id, DateTimeOffset now) =>
        [.. (await Store.RevokedTokens.ListRevokedAsync(now, Cancellation)).Where(t => t.TokenId == id)];
}
