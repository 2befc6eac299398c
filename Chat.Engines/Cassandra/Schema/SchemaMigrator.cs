using Cassandra;
using Chat.Core.Retention;
using Microsoft.Extensions.Logging;

namespace Chat.Engines.Cassandra.Schema;

/// <summary>
/// Brings the keyspace up to the newest <see cref="Migration"/>. Any number of processes may start at the same time: a lease,
/// claimed by a lightweight transaction, lets one of them change the schema while the others wait. A process that finds the
/// schema newer than itself leaves it: steps only add.
/// </summary>
/// <param name="holder">Names this process: a lease that it took and was cut off from is still its own.</param>
internal sealed partial class SchemaMigrator(
    ICluster cluster,
    ISession session,
    string keyspace,
    string holder,
    CassandraOptions options,
    RetentionOptions retention,
    TimeProvider time,
    ILogger<SchemaMigrator> logger)
{
    private const int LeaseSeconds = 60;

    /// <summary>Making a table takes longer than any other request.</summary>
    private const int SchemaTimeoutMilliseconds = 30_000;

    private static readonly string[] OwnTables = ["schema_version", "schema_lease"];

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>When the lease last began to count; null before it is taken.</summary>
    private long? _renewedAt;

    public async Task MigrateAsync(CancellationToken cancellationToken)
    {
        var migrations = Migrations.All(retention);
        await PrepareKeyspaceAsync(cancellationToken);
        if (await VersionAsync(cancellationToken) is var current && current >= migrations[^1].Version)
        {
            if (current > migrations[^1].Version) LogNewer(current, migrations[^1].Version);
            return;
        }
        await TakeLeaseAsync(cancellationToken);
        try
        {
            var version = await VersionAsync(cancellationToken);
            foreach (var migration in migrations.Where(m => m.Version > version))
            {
                LogStep(keyspace, migration.Version, migration.Description);
                foreach (var statement in migration.Statements)
                {
                    await RenewLeaseAsync(cancellationToken);
                    await ChangeSchemaAsync(statement, cancellationToken);
                }
                await ExecuteAsync(
                    "INSERT INTO schema_version (part, version, description, applied_at) VALUES (0, ?, ?, ?)",
                    cancellationToken,
                    migration.Version,
                    migration.Description,
                    time.GetUtcNow());
            }
        }
        finally
        {
            await EndLeaseAsync();
        }
    }

    /// <summary>
    /// The keyspace and the two tables that the lease itself needs. The tables carry ids of their own: made twice at the same
    /// time by different nodes they would otherwise be two tables of one name.
    /// </summary>
    private async Task PrepareKeyspaceAsync(CancellationToken cancellationToken)
    {
        // Asked first, since a role that may not create a keyspace may well use one.
        var known = await session.ExecuteAsync(new SimpleStatement(
            "SELECT keyspace_name FROM system_schema.keyspaces WHERE keyspace_name = ?", keyspace)).WaitAsync(cancellationToken);
        if (!known.Any())
        {
            LogKeyspace(keyspace, options.Replication);
            await ChangeSchemaAsync(
                $"CREATE KEYSPACE IF NOT EXISTS {keyspace} WITH replication = {options.Replication}", cancellationToken);
        }
        session.ChangeKeyspace(keyspace);
        var tables = await session.ExecuteAsync(new SimpleStatement(
            "SELECT table_name FROM system_schema.tables WHERE keyspace_name = ? AND table_name IN ?",
            keyspace,
            OwnTables)).WaitAsync(cancellationToken);
        if (tables.Count() == 2) return;
        await ChangeSchemaAsync(
            $"""
            CREATE TABLE IF NOT EXISTS schema_version (
                part int, version int, description text, applied_at timestamp, PRIMARY KEY (part, version)
            ) WITH id = {TableId("schema_version")} AND comment = 'The steps that were carried out. One partition, part 0.'
            """,
            cancellationToken);
        await ChangeSchemaAsync(
            $"""
            CREATE TABLE IF NOT EXISTS schema_lease (name text PRIMARY KEY, holder text)
            WITH id = {TableId("schema_lease")} AND comment = 'Who changes the schema. Written by lightweight transactions alone.'
            """,
            cancellationToken);
    }

    /// <summary>The same for everybody, and another in every keyspace: the server knows tables by it.</summary>
    private Guid TableId(string table)
    {
        var hash = System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{keyspace}.{table}"));
        // Of version 1 in form, as all ids of tables are.
        hash[6] = (byte)(0x10 | (hash[6] & 0x0F));
        hash[8] = (byte)(0x80 | (hash[8] & 0x3F));
        return new(hash.AsSpan(0, 16), bigEndian: true);
    }

    private async Task<int> VersionAsync(CancellationToken cancellationToken)
    {
        var rows = await ExecuteAsync("SELECT version FROM schema_version WHERE part = 0", cancellationToken);
        return rows.Select(r => r.GetValue<int>(0)).DefaultIfEmpty().Max();
    }

    private async Task TakeLeaseAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            // Those that wait only look: transactions of many on one row would hold up the holder's own.
            var lease = await ExecuteAsync("SELECT holder FROM schema_lease WHERE name = 'schema'", cancellationToken);
            if (lease.FirstOrDefault() is { } held && held.GetValue<string>(0) != holder)
            {
                LogWaiting(keyspace);
                await PauseAsync(cancellationToken);
                continue;
            }
            var asked = time.GetTimestamp();
            var taken = await ExecuteAsync(
                $"INSERT INTO schema_lease (name, holder) VALUES ('schema', ?) IF NOT EXISTS USING TTL {LeaseSeconds}",
                cancellationToken,
                holder);
            var row = taken.First();
            if (row.GetValue<bool>("[applied]"))
            {
                _renewedAt = asked;
                return;
            }
            // A transaction that timed out may have gone through all the same, and the lease counts from then.
            if (row.GetValue<string>("holder") == holder && await ExtendLeaseAsync(cancellationToken)) return;
        }
    }

    /// <exception cref="InvalidOperationException">It took so long that somebody else has it.</exception>
    private async Task RenewLeaseAsync(CancellationToken cancellationToken)
    {
        if (_renewedAt is not { } since || time.GetElapsedTime(since) < TimeSpan.FromSeconds(LeaseSeconds / 4)) return;
        if (!await ExtendLeaseAsync(cancellationToken)) throw new InvalidOperationException("The lease on the schema ran out");
    }

    /// <summary>Lets the lease count anew; false where it is not ours any more.</summary>
    private async Task<bool> ExtendLeaseAsync(CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        var kept = await ExecuteAsync(
            $"UPDATE schema_lease USING TTL {LeaseSeconds} SET holder = ? WHERE name = 'schema' IF holder = ?",
            cancellationToken,
            holder,
            holder);
        if (!kept.First().GetValue<bool>("[applied]")) return false;
        _renewedAt = asked;
        return true;
    }

    private async Task EndLeaseAsync()
    {
        try
        {
            await ExecuteAsync("DELETE FROM schema_lease WHERE name = 'schema' IF holder = ?", CancellationToken.None, holder);
        }
        catch (DriverException exception)
        {
            LogLeaseLeft(exception, LeaseSeconds);
        }
    }

    /// <summary>Returns once all nodes that are up have the same schema: the next change may go to another one.</summary>
    private async Task ChangeSchemaAsync(string statement, CancellationToken cancellationToken)
    {
        var result = await ExecuteAsync(statement, cancellationToken);
        if (result.Info.IsSchemaInAgreement) return;
        // The driver has waited for ten seconds.
        LogDisagreement(keyspace);
        while (!await cluster.Metadata.CheckSchemaAgreementAsync())
        {
            await RenewLeaseAsync(cancellationToken);
            await PauseAsync(cancellationToken);
        }
    }

    private Task PauseAsync(CancellationToken cancellationToken) =>
        Task.Delay(Poll * (0.5 + Random.Shared.NextDouble()), time, cancellationToken);

    private Task<RowSet> ExecuteAsync(string cql, CancellationToken cancellationToken, params object[] values) =>
        session.ExecuteAsync(new SimpleStatement(cql, values)
            .SetReadTimeoutMillis(SchemaTimeoutMilliseconds)).WaitAsync(cancellationToken);

    [LoggerMessage(
        EventId = LogEvents.SchemaStep, Level = LogLevel.Information, Message = "Schema of {Keyspace}: step {Version}, {Description}")]
    private partial void LogStep(string keyspace, int version, string description);

    [LoggerMessage(
        EventId = LogEvents.KeyspaceCreated,
        Level = LogLevel.Information,
        Message = "Creating keyspace {Keyspace} with replication {Replication}")]
    private partial void LogKeyspace(string keyspace, string replication);

    [LoggerMessage(
        EventId = LogEvents.SchemaWaiting,
        Level = LogLevel.Debug,
        Message = "Schema of {Keyspace}: waiting for another process that is changing it")]
    private partial void LogWaiting(string keyspace);

    [LoggerMessage(
        EventId = LogEvents.SchemaDisagreement,
        Level = LogLevel.Warning,
        Message = "Schema of {Keyspace}: the nodes do not agree on it yet; waiting until they do")]
    private partial void LogDisagreement(string keyspace);

    [LoggerMessage(
        EventId = LogEvents.SchemaNewer,
        Level = LogLevel.Information,
        Message = "The schema is at step {Version}, newer than this program's {Known}; leaving it as it is")]
    private partial void LogNewer(int version, int known);

    [LoggerMessage(
        EventId = LogEvents.LeaseNotReleased,
        Level = LogLevel.Warning,
        Message = "Could not release the lease on the schema; it expires within {Seconds} s, and others wait until then")]
    private partial void LogLeaseLeft(Exception exception, int seconds);
}
