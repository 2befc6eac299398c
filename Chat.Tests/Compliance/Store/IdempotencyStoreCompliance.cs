using Chat.Core.Idempotency;

namespace Chat.Tests.Compliance.Store;

/// <summary>What every <see cref="IIdempotencyStore"/> promises.</summary>
public abstract class IdempotencyStoreCompliance(IStoreEngine engine) : StoreCompliance(engine)
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    [Fact]
    public async Task A_second_use_of_an_idempotency_key_gets_the_first_record()
    {
        var key = NewIdempotencyKey();
        var first = new IdempotencyRecord(Guid.NewGuid(), "hash a", Now);
        var second = new IdempotencyRecord(Guid.NewGuid(), "hash b", Now.AddHours(23));

        Assert.Equal(first, await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, first, Day, Cancellation));
        Assert.Equal(first, await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, second, Day, Cancellation));
        Assert.Equal(first, await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, first, Day, Cancellation));
    }

    [Fact]
    public async Task An_idempotency_key_of_another_user_or_organization_is_another_key()
    {
        var key = NewIdempotencyKey();
        IdempotencyKey[] keys =
        [
            key, key with { UserId = Guid.NewGuid() }, key with { OrganizationId = Guid.NewGuid() }, key with { Key = "K✓" },
        ];

        foreach (var each in keys)
        {
            var record = new IdempotencyRecord(Guid.NewGuid(), "hash", Now);
            Assert.Equal(record, await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(each, record, Day, Cancellation));
        }
    }

    [Fact]
    public async Task An_idempotency_key_can_be_claimed_anew_once_its_record_is_older_than_its_lifetime()
    {
        var key = NewIdempotencyKey();
        var old = new IdempotencyRecord(Guid.NewGuid(), "hash a", Now - Day);
        var atTheEdge = new IdempotencyRecord(Guid.NewGuid(), "hash b", Now);
        var beyond = new IdempotencyRecord(Guid.NewGuid(), "hash c", Now.AddMilliseconds(1));

        Assert.Equal(old, await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, old, Day, Cancellation));
        Assert.Equal(old, await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, atTheEdge, Day, Cancellation));
        Assert.Equal(beyond, await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, beyond, Day, Cancellation));
        Assert.Equal(beyond, await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, atTheEdge, Day, Cancellation));
    }

    [Fact]
    public async Task Of_claims_of_an_idempotency_key_made_at_the_same_time_one_stands()
    {
        var key = NewIdempotencyKey();
        var old = new IdempotencyRecord(Guid.NewGuid(), "hash", Now.AddDays(-2));
        await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, old, Day, Cancellation);

        var answers = await TogetherAsync(
            16, i => Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, new(Guid.NewGuid(), $"hash {i}", Now), Day, Cancellation));

        Assert.NotEqual(old, Assert.Single(answers.Distinct()));
    }

    [Fact]
    public async Task Of_the_first_claims_of_idempotency_keys_made_at_the_same_time_one_of_each_key_stands()
    {
        const int Together = 3;
        IdempotencyKey[] keys = [.. Enumerable.Range(0, 10).Select(_ => NewIdempotencyKey())];

        var answers = await TogetherAsync(
            keys.Length * Together,
            i => Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(
                keys[i / Together], new(Guid.NewGuid(), $"hash {i}", Now.AddMilliseconds(i)), Day, Cancellation));

        foreach (var (key, own) in keys.Zip(answers.Chunk(Together)))
        {
            var first = Assert.Single(own.Distinct());
            Assert.Equal(
                first, await Store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, new(Guid.NewGuid(), "late", Now), Day, Cancellation));
        }
    }

    private static IdempotencyKey NewIdempotencyKey() => new(Guid.NewGuid(), Guid.NewGuid(), "key ✓");
}
