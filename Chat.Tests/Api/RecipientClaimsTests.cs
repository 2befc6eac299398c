using Chat.Api.Messages;
using Chat.Core.Messages;
using Chat.Tests.Webhooks;
using Microsoft.Extensions.Time.Testing;
using static Chat.Tests.Webhooks.WebhookFixture;

namespace Chat.Tests.Api;

public sealed class RecipientClaimsTests
{
    [Fact]
    public async Task An_address_that_was_claimed_is_asked_for_again_after_a_while_since_an_erasure_takes_claims_away()
    {
        var (store, time) = (new MemoryStore(), new FakeTimeProvider(Now));
        var claims = new RecipientClaims(store, time);
        var posted = new PostedMessage(
            Guid.NewGuid(), Organization, Guid.NewGuid(), "whatsapp", MessageTypes.Text, "{}", "551188880002", Key("whatsapp").AccountId);

        await claims.ClaimAsync(posted, TestContext.Current.CancellationToken);
        var written = store.Writes;
        await claims.ClaimAsync(posted, TestContext.Current.CancellationToken);
        Assert.Equal(written, store.Writes);

        time.Advance(TimeSpan.FromMinutes(10));
        await claims.ClaimAsync(posted, TestContext.Current.CancellationToken);
        Assert.Equal(2 * written, store.Writes);
    }
}
