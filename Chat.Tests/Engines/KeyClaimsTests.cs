using Chat.Core.Idempotency;
using Chat.Engines.Embedded.Keys;
using Chat.Engines.Embedded.Log;
using Chat.Engines.Embedded.Sqlite;

namespace Chat.Tests.Engines;

/// <summary>What happens while a claim reads the file.</summary>
public sealed class KeyClaimsTests : IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private readonly string _folder = Directory.CreateTempSubdirectory("chat-keys-").FullName;
    private readonly SqliteSession _session;
    private readonly KeyClaims _claims;
    private Action? _afterRead;
    private int _reads;

    public KeyClaimsTests()
    {
        _session = SqliteSchema.Open(Path.Combine(_folder, "log.db"), LogSchema.Steps);
        _claims = new((ids, key) =>
        {
            var found = KeyTable.Find(_session, ids, key);
            _reads++;
            var after = _afterRead;
            _afterRead = null;
            after?.Invoke();
            return found;
        });
        _claims.Load(_session);
    }

    public void Dispose()
    {
        _session.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Writer_does_not_wait_for_a_claim_that_reads()
    {
        var (key, first) = (NewKey(), NewRecord(Now));
        Claim(key, first);
        Write();
        // Some of them share their lock with the key.
        for (var i = 0; i < 1_000; i++) Claim(NewKey(), NewRecord(Now));
        var hasWritten = false;
        _afterRead = () =>
        {
            var writer = new Thread(Write) { IsBackground = true };
            writer.Start();
            hasWritten = writer.Join(TimeSpan.FromSeconds(30));
        };

        Assert.Equal(new KeyAnswer.Earlier(first, IsOnDisk: true), Claim(key, NewRecord(Now)));
        Assert.True(hasWritten);
    }

    [Fact]
    public void Key_that_another_claim_took_meanwhile_is_that_ones()
    {
        var (key, other) = (NewKey(), NewRecord(Now + (2 * Day)));
        Claim(key, NewRecord(Now));
        Write();
        _afterRead = () =>
        {
            Assert.IsType<KeyAnswer.Own>(Claim(key, other));
            Write();
        };

        Assert.Equal(new KeyAnswer.Earlier(other, IsOnDisk: true), Claim(key, NewRecord(Now + (2 * Day))));
        // Twice by the one that had to look again, once by the other.
        Assert.Equal(3, _reads);
        Assert.Single(Rows());
    }

    [Fact]
    public void Key_that_another_claim_took_meanwhile_and_that_waits_is_that_ones()
    {
        var (key, other) = (NewKey(), NewRecord(Now + (2 * Day)));
        Claim(key, NewRecord(Now));
        Write();
        _afterRead = () => Claim(key, other);

        Assert.Equal(new KeyAnswer.Earlier(other, IsOnDisk: false), Claim(key, NewRecord(Now + (2 * Day))));
    }

    [Fact]
    public void Key_that_was_deleted_meanwhile_is_free()
    {
        var key = NewKey();
        Claim(key, NewRecord(Now));
        Write();
        _afterRead = () =>
        {
            var rows = Rows();
            KeyTable.Delete(_session, rows);
            _claims.Forget(rows);
        };

        Assert.IsType<KeyAnswer.Own>(Claim(key, NewRecord(Now)));
        Write();
        Assert.Single(Rows());
    }

    private KeyAnswer Claim(IdempotencyKey key, IdempotencyRecord record) => _claims.Claim(key, record, Day);

    /// <summary>What the writer does.</summary>
    private void Write()
    {
        _claims.Write(_session);
        _claims.Written();
    }

    private List<KeyPlace> Rows() => KeyTable.List(_session, after: 0, max: 10);

    private static IdempotencyKey NewKey() => new(Guid.NewGuid(), Guid.NewGuid(), $"{Guid.NewGuid()}");

    private static IdempotencyRecord NewRecord(DateTimeOffset createdAt) => new(Guid.NewGuid(), "hash", createdAt);
}
