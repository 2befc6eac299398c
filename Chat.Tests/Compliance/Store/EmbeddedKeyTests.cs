using Chat.Core;
using Chat.Core.Idempotency;
using Chat.Core.Log;
using Chat.Engines.Embedded.Sqlite;
using Chat.Engines.Embedded.Store;
using Chat.Tests.Engines;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Compliance.Store;

/// <summary>Idempotency keys in the log's file: no message is on disk without its key, whenever the process is killed.</summary>
public sealed class EmbeddedKeyTests : IDisposable
{
    private const string Topic = "messages";
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(Now);
    private readonly EmbeddedFolder _folder;

    public EmbeddedKeyTests() => _folder = new(_time);

    public void Dispose() => _folder.Dispose();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // --- Killed between claim and append ---

    [Fact]
    public async Task Key_of_a_post_that_was_killed_before_its_append_is_on_disk_once_anything_else_is()
    {
        var store = _folder.OpenStore();
        var (key, first) = (NewKey(), NewRecord());
        Assert.Equal(first, await ClaimAsync(store, key, first));
        // Nothing was appended since: the claim waits for no disk of its own.
        ExpectKeys(0);

        await AppendAsync(NewKey());

        ExpectKeys(1);
        using var killed = _folder.CopyAsKilled();
        Assert.Equal(first, await ClaimAsync(killed.OpenStore(), key, NewRecord()));
    }

    [Fact]
    public async Task Key_of_a_post_that_was_killed_with_nothing_on_disk_is_free()
    {
        var store = _folder.OpenStore();
        var (key, again) = (NewKey(), NewRecord());
        await ClaimAsync(store, key, NewRecord());

        using var killed = _folder.CopyAsKilled();

        Assert.Equal(again, await ClaimAsync(killed.OpenStore(), key, again));
    }

    [Fact]
    public async Task Message_that_was_acknowledged_has_its_key_on_disk()
    {
        var store = _folder.OpenStore();
        var posts = Enumerable.Range(0, 50).Select(_ => (Key: NewKey(), Record: NewRecord())).ToList();

        await Task.WhenAll(posts.Select(async post =>
        {
            Assert.Equal(post.Record, await ClaimAsync(store, post.Key, post.Record));
            await AppendAsync(post.Key);
        }));

        using var killed = _folder.CopyAsKilled();
        var left = killed.OpenStore();
        foreach (var (key, record) in posts) Assert.Equal(record, await ClaimAsync(left, key, NewRecord()));
    }

    // --- A disk that takes nothing ---

    [Fact]
    public async Task Claim_whose_transaction_failed_is_on_disk_with_the_next_append()
    {
        var store = _folder.OpenStore();
        var (key, first) = (NewKey(), NewRecord());
        await ClaimAsync(store, key, first);
        await Assert.ThrowsAsync<IOException>(() => _folder.Log!.Writer.WriteAsync(
            static _ => throw new IOException("no more"), Cancellation));
        ExpectKeys(0);

        await AppendAsync(NewKey());

        using var killed = _folder.CopyAsKilled();
        Assert.Equal(first, await ClaimAsync(killed.OpenStore(), key, NewRecord()));
    }

    [Fact]
    public async Task Repeat_is_answered_once_the_first_claim_is_on_disk()
    {
        var store = _folder.OpenStore();
        var (key, first) = (NewKey(), NewRecord());
        await ClaimAsync(store, key, first);
        await SetReadOnlyAsync(true);

        await Assert.ThrowsAsync<SqliteException>(() => ClaimAsync(store, key, NewRecord()).AsTask());
        await SetReadOnlyAsync(false);

        Assert.Equal(first, await ClaimAsync(store, key, NewRecord()));
        ExpectKeys(1);
        using var killed = _folder.CopyAsKilled();
        Assert.Equal(first, await ClaimAsync(killed.OpenStore(), key, NewRecord()));
    }

    [Fact]
    public async Task Claims_that_nothing_writes_fill_no_memory()
    {
        var store = _folder.OpenStore();
        await SetReadOnlyAsync(true);

        var claimed = await ClaimUntilRefusedAsync(store);
        await SetReadOnlyAsync(false);

        Assert.InRange(claimed, 1_000, 2_000);
        await AppendAsync(NewKey());
        ExpectKeys(claimed);
        await ClaimAsync(store, NewKey(), NewRecord());
    }

    [Fact]
    public async Task Repeat_of_a_key_on_disk_is_answered_though_no_more_claims_can_wait()
    {
        var store = _folder.OpenStore();
        var (key, first) = (NewKey(), NewRecord());
        await ClaimAsync(store, key, first);
        await AppendAsync(key);
        await SetReadOnlyAsync(true);
        await ClaimUntilRefusedAsync(store);

        Assert.Equal(first, await ClaimAsync(store, key, NewRecord()));

        await SetReadOnlyAsync(false);
    }

    [Fact]
    public async Task Claim_that_waits_can_be_too_old_for_the_next()
    {
        var store = _folder.OpenStore();
        var (key, next) = (NewKey(), NewRecord() with { CreatedAt = Now.AddDays(2) });
        await ClaimAsync(store, key, NewRecord());

        Assert.Equal(next, await ClaimAsync(store, key, next));

        await AppendAsync(key);
        ExpectKeys(1);
        using var killed = _folder.CopyAsKilled();
        Assert.Equal(next, await ClaimAsync(killed.OpenStore(), key, NewRecord() with { CreatedAt = Now.AddDays(2) }));
    }

    // --- Another log, retention ---

    [Fact]
    public async Task Where_messages_go_to_another_log_a_claim_is_on_disk_before_it_is_answered()
    {
        var store = _folder.OpenStore(isMessageLog: false);
        var (key, first) = (NewKey(), NewRecord());

        await ClaimAsync(store, key, first);

        using var killed = _folder.CopyAsKilled();
        Assert.Equal(first, await ClaimAsync(killed.OpenStore(), key, NewRecord()));
    }

    [Fact]
    public async Task Keys_that_have_expired_go_all_of_them()
    {
        var store = _folder.OpenStore();
        for (var i = 0; i < 4_500; i++) await ClaimAsync(store, NewKey(), NewRecord());
        var (young, record) = (NewKey(), NewRecord() with { CreatedAt = Now.AddHours(1) });
        await ClaimAsync(store, young, record);
        _time.Advance(Day + TimeSpan.FromMinutes(1));

        await _folder.Retention.TrimAsync(Cancellation);

        ExpectKeys(1);
        Assert.Equal(record, await ClaimAsync(store, young, NewRecord()));
    }

    [Fact]
    public async Task Keys_that_have_expired_go_though_many_before_them_have_not()
    {
        var store = _folder.OpenStore();
        // More than are looked at at once.
        const int lasting = 4_001;
        for (var i = 0; i < lasting; i++) await ClaimAsync(store, NewKey(), NewRecord(), 10 * Day);
        for (var i = 0; i < 10; i++) await ClaimAsync(store, NewKey(), NewRecord());
        await AppendAsync(NewKey());
        ExpectKeys(lasting + 10);
        _time.Advance(Day + TimeSpan.FromMinutes(1));

        await _folder.Retention.TrimAsync(Cancellation);

        ExpectKeys(lasting);
    }

    // --- Digests ---

    [Fact]
    public async Task Key_has_another_digest_in_another_folder()
    {
        using var other = new EmbeddedFolder(_time);
        var key = NewKey();
        foreach (var folder in (EmbeddedFolder[])[_folder, other])
            await ClaimAsync(folder.OpenStore(isMessageLog: false), key, NewRecord());

        Assert.NotEqual(DigestIn(_folder), DigestIn(other));

        static long DigestIn(EmbeddedFolder folder)
        {
            using var session = SqliteSession.Open(Path.Combine(folder.Path, "log.db"), readOnly: true);
            return session["SELECT digest FROM idempotency_keys"].Single(static row => row.Int64(0));
        }
    }

    // --- Files of before ---

    [Fact]
    public async Task Keys_of_a_store_that_had_them_itself_are_moved_though_the_first_start_ended_halfway()
    {
        // More than are moved at once.
        const int keys = 10_003;
        var (organization, user) = (Guid.NewGuid(), Guid.NewGuid());
        var path = MakeStoreOfBefore(Enumerable.Range(1, keys).Select(i => (KeyOf(i), RecordOf(i))));
        _folder.OpenLog().Keys.Take([(KeyOf(1), RecordOf(1), Day)]);

        var store = _folder.OpenStore();

        ExpectKeys(keys);
        foreach (var i in (int[])[1, 2, 10_000, 10_001, keys])
            Assert.Equal(RecordOf(i), await ClaimAsync(store, KeyOf(i), NewRecord()));
        _folder.Close();
        using var left = SqliteSession.Open(path, readOnly: true);
        Assert.Equal(0, left["SELECT count(*) FROM sqlite_master WHERE sql LIKE '%body_hash%'"].Single(static row => row.Int64(0)));

        IdempotencyKey KeyOf(int i) => new(organization, user, $"key {i}");

        IdempotencyRecord RecordOf(int i) => new(new Guid(i, 7, 7, [1, 2, 3, 4, 5, 6, 7, 8]), $"hash {i}", Now);
    }

    [Fact]
    public async Task Fault_of_the_logs_file_while_keys_are_moved_there_is_told_of_that_file()
    {
        MakeStoreOfBefore([(NewKey(), NewRecord())]);
        _folder.OpenLog();
        await SetReadOnlyAsync(true);

        var told = Assert.Throws<StartUpException>(() => _folder.OpenStore());

        Assert.StartsWith($"{Path.Combine(_folder.Path, "log.db")}: read-only.", told.Message, StringComparison.Ordinal);
        await SetReadOnlyAsync(false);
        _folder.OpenStore();
        ExpectKeys(1);
    }

    /// <summary>A <c>store.db</c> that has keys itself. Answers with its path.</summary>
    private string MakeStoreOfBefore(IEnumerable<(IdempotencyKey Key, IdempotencyRecord Record)> keys)
    {
        Directory.CreateDirectory(_folder.Path);
        var path = Path.Combine(_folder.Path, "store.db");
        using var session = SqliteSession.Open(path, readOnly: false);
        SqliteSchema.Migrate(session, path, [.. StoreSchema.Steps.Take(8)]);
        session["BEGIN"].Run();
        foreach (var (key, record) in keys)
        {
            session[
                """
                INSERT INTO idempotency_keys (digest, organization_id, user_id, key, message_id, body_hash, created_at, expires_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                """]
                .Bind(1, key.Key.Length).Bind(2, key.OrganizationId).Bind(3, key.UserId).Bind(4, key.Key)
                .Bind(5, record.MessageId).Bind(6, record.BodyHash).Bind(7, record.CreatedAt).Bind(8, record.CreatedAt + Day).Run();
        }
        session["COMMIT"].Run();
        return path;
    }

    private static ValueTask<IdempotencyRecord> ClaimAsync(
        StorePorts store, IdempotencyKey key, IdempotencyRecord record, TimeSpan? lifetime = null) =>
        store.IdempotencyKeys.ClaimIdempotencyKeyAsync(key, record, lifetime ?? Day, Cancellation);

    /// <summary>Claims new keys until one is refused, and answers with how many were claimed before it.</summary>
    private static async Task<int> ClaimUntilRefusedAsync(StorePorts store)
    {
        var claimed = 0;
        await Assert.ThrowsAsync<SqliteException>(async () =>
        {
            for (; claimed < 100_000; claimed++) await ClaimAsync(store, NewKey(), NewRecord());
        });
        return claimed;
    }

    private async Task AppendAsync(IdempotencyKey key) =>
        await _folder.Log!.AppendAsync([new NewEvent(Topic, key.Key, "{}"u8.ToArray())], Cancellation);

    /// <summary>What the file has, by a connection of its own.</summary>
    private void ExpectKeys(int count)
    {
        using var session = SqliteSession.Open(Path.Combine(_folder.Path, "log.db"), readOnly: true);
        Assert.Equal(count, session["SELECT count(*) FROM idempotency_keys"].Single(static row => row.Int64(0)));
    }

    private Task SetReadOnlyAsync(bool on) =>
        PragmaWork.RunAsync(_folder.Log!.Writer, $"PRAGMA query_only = {(on ? "ON" : "OFF")}", Cancellation);

    private static IdempotencyKey NewKey() => new(Guid.NewGuid(), Guid.NewGuid(), $"{Guid.NewGuid()}");

    private static IdempotencyRecord NewRecord() => new(Guid.NewGuid(), "hash", Now);
}
