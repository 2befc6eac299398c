using Chat.Core.Retention;
using Chat.Core.Statuses;
using Chat.Engines.Cassandra.Tables;

namespace Chat.Engines.Cassandra.Schema;

/// <summary>The schema, step by step; docs/cassandra.md says what each table is for.</summary>
internal static class Migrations
{
    /// <param name="retention">Only what a table is made with; later changes of it are the operator's ALTER TABLE.</param>
    public static IReadOnlyList<Migration> All(RetentionOptions retention) =>
    [
        new(1, "Tables", Tables(retention)),
        new(2, "The highest number of each hour", Hours),
        new(3, "Reasons of facts", Reasons),
        new(4, "What health checks write", HealthChecks),
        new(5, "Positions of messages", Positions),
        // There is no step 6: a keyspace takes the steps above its highest.
        new(7, "Revoked tokens", RevokedTokens),
        new(8, "When a conversation was erased, and up to which number", Erasures),
        new(9, "Accounts, contacts, what was sent to real providers and what waits", Accounts),
        new(10, "When a message was announced", Announcements),
        new(11, "Claims of idempotency keys without a transaction", KeyClaims),
        new(12, "Marks of what was forgotten are kept for 3 h where a row that comes back does no harm", ShortMarks),
    ];

    // conversation_heads.first, which said less, is written no more: its write timestamps lie above the clock.
    private static IReadOnlyList<string> Hours { get; } =
    [
        """
        CREATE TABLE IF NOT EXISTS conversation_hours (
            conversation_id uuid,
            hour int,
            highest bigint,
            PRIMARY KEY (conversation_id, hour)
        ) WITH CLUSTERING ORDER BY (hour DESC)
            AND comment = 'The highest number that a conversation got in each hour in which it changed.'
        """,
    ];

    // A reason is a cell of its own, in the form of a fact's; see FactStatements.
    private static IReadOnlyList<string> Reasons =>
    [
        .. StatusKinds.All.Select(kind =>
            $"ALTER TABLE messages ADD IF NOT EXISTS {FactStatements.ReasonColumn(kind)} frozen<tuple<bigint, timestamp, text>>"),
    ];

    private static IReadOnlyList<string> HealthChecks { get; } =
    [
        """
        CREATE TABLE IF NOT EXISTS health_checks (
            id uuid PRIMARY KEY,
            at timestamp
        ) WITH default_time_to_live = 60
            AND gc_grace_seconds = 0
            AND comment = 'A row for each health check, so that one fails where writes do. Nobody reads them.'
        """,
    ];

    private static IReadOnlyList<string> Positions { get; } =
    [
        "ALTER TABLE messages ADD IF NOT EXISTS position bigint",
        "ALTER TABLE conversations ADD IF NOT EXISTS positioned boolean",
        """
        CREATE TABLE IF NOT EXISTS messages_by_position (
            conversation_id uuid,
            span bigint,
            position bigint,
            message_id uuid,
            PRIMARY KEY ((conversation_id, span), position, message_id)
        ) WITH CLUSTERING ORDER BY (position DESC, message_id DESC)
            AND comment = 'The order of a conversation. Counts where the message says the same position.'
        """,
        """
        CREATE TABLE IF NOT EXISTS conversation_spans (
            conversation_id uuid,
            span bigint,
            PRIMARY KEY (conversation_id, span)
        ) WITH CLUSTERING ORDER BY (span DESC)
            AND comment = 'The spans of messages_by_position that have rows, so that a page skips the empty ones.'
        """,
    ];

    // By when they are forgotten: a look begins behind the rows that have expired, which lie in front.
    private static IReadOnlyList<string> RevokedTokens { get; } =
    [
        """
        CREATE TABLE IF NOT EXISTS revoked_tokens (
            part int,
            kept_until timestamp,
            token_id text,
            PRIMARY KEY (part, kept_until, token_id)
        ) WITH gc_grace_seconds = 10800
            AND comment = 'Tokens that count no more, until they would have expired. One partition, part 0. Only ever expire.'
        """,
    ];

    private static IReadOnlyList<string> Erasures { get; } =
    [
        "ALTER TABLE conversation_heads ADD IF NOT EXISTS erased bigint",
        "ALTER TABLE conversation_heads ADD IF NOT EXISTS erased_at timestamp",
        // Its rows only expired before; a deletion has to last until every node has heard of it.
        "ALTER TABLE status_changes WITH gc_grace_seconds = 864000",
    ];

    private static IReadOnlyList<string> Accounts { get; } =
    [
        "ALTER TABLE messages ADD IF NOT EXISTS account_id text",
        "ALTER TABLE messages ADD IF NOT EXISTS provider_message_id text",
        """
        CREATE TABLE IF NOT EXISTS accounts (
            part int,
            channel text,
            account_id text,
            organization_id uuid,
            business_id text,
            display_name text,
            app text,
            sealed_credentials blob,
            state int,
            attention text,
            messages_per_second int,
            created_at timestamp,
            updated_at timestamp,
            PRIMARY KEY (part, channel, account_id)
        ) WITH comment = 'Accounts at providers. One partition, part 0. Written by lightweight transactions alone.'
        """,
        """
        CREATE TABLE IF NOT EXISTS address_claims (
            channel text,
            account_id text,
            kind text,
            address text,
            conversation_id uuid,
            PRIMARY KEY ((channel, account_id, kind, address))
        ) WITH comment = 'The conversation of an address of a person. Written by lightweight transactions alone.'
        """,
        """
        CREATE TABLE IF NOT EXISTS contacts (
            conversation_id uuid PRIMARY KEY,
            organization_id uuid,
            account text,
            addresses set<text>,
            send_to text,
            name text,
            last_inbound_at timestamp,
            noted_at timestamp
        ) WITH comment = 'Who is in a conversation. Each cell has the time of its note for its write timestamp.'
        """,
        """
        CREATE TABLE IF NOT EXISTS send_tries (
            message_id uuid,
            number int,
            conversation_id uuid,
            channel text,
            account_id text,
            owner uuid,
            at timestamp,
            outcome int,
            provider_message_id text,
            PRIMARY KEY (message_id, number)
        ) WITH CLUSTERING ORDER BY (number DESC)
            AND comment = 'Tries of sending to real providers. Claimed by lightweight transactions, answered without.'
        """,
        $"""
        CREATE TABLE IF NOT EXISTS open_send_tries (
            channel text,
            bucket int,
            at timestamp,
            message_id uuid,
            number int,
            PRIMARY KEY ((channel, bucket), at, message_id, number)
        ) WITH gc_grace_seconds = 10800
            AND compaction = {Updated}
            AND comment = 'The tries that may have no answer, one minute a bucket. A row that comes back is found to be answered.'
        """,
        $"""
        CREATE TABLE IF NOT EXISTS open_send_buckets (
            channel text,
            bucket int,
            noted_at timestamp,
            PRIMARY KEY (channel, bucket)
        ) WITH gc_grace_seconds = 10800
            AND compaction = {Updated}
            AND comment = 'The buckets of open_send_tries that may hold rows.'
        """,
        $"""
        CREATE TABLE IF NOT EXISTS held_messages (
            channel text,
            account_id text,
            bucket int,
            message_id uuid,
            hold_id uuid,
            conversation_id uuid,
            scope text,
            value blob,
            not_before timestamp,
            PRIMARY KEY ((channel, account_id, bucket), message_id, hold_id)
        ) WITH compaction = {Updated}
            AND comment = 'Messages that wait for their account or recipient, ten minutes of their making a bucket.'
        """,
        $"""
        CREATE TABLE IF NOT EXISTS held_buckets (
            channel text,
            account_id text,
            bucket int,
            noted_at timestamp,
            PRIMARY KEY ((channel, account_id), bucket)
        ) WITH compaction = {Updated}
            AND comment = 'The buckets of held_messages that may hold rows.'
        """,
    ];

    // In the form of a fact, and merged as one.
    private static IReadOnlyList<string> Announcements { get; } =
        ["ALTER TABLE messages ADD IF NOT EXISTS announced frozen<tuple<bigint, timestamp, text>>"];

    // What Chat.Core's KeyClaim writes: its own cells, beside the columns of the lightweight transaction.
    private static IReadOnlyList<string> KeyClaims { get; } =
    [
        "ALTER TABLE idempotency_keys ADD IF NOT EXISTS came set<uuid>",
        "ALTER TABLE idempotency_keys ADD IF NOT EXISTS votes map<uuid, frozen<tuple<boolean, uuid, text, timestamp>>>",
    ];

    // A row comes back where a replica was away for longer than its deletion is kept. Not these, which keep the default of ten days:
    // held_messages, where one that was erased would be sent after all, and parked_statuses, where nobody would ever look for it again,
    // since the index of it is gone.
    private static IReadOnlyList<string> ShortMarks { get; } =
    [
        """
        ALTER TABLE held_buckets WITH gc_grace_seconds = 10800
            AND comment = 'The buckets of held_messages that may hold rows. One that comes back is found to be empty.'
        """,
        """
        ALTER TABLE idempotency_keys WITH gc_grace_seconds = 10800
            AND comment = 'Rows expire: one that was erased and comes back does so too, at its own time.'
        """,
    ];

    // A fact is a tuple of a rank that falls as seq rises, the time, and the reason; see FactCell for why in this order.
    private static IReadOnlyList<string> Tables(RetentionOptions retention) =>
    [
        """
        CREATE TABLE IF NOT EXISTS conversations (
            conversation_id uuid PRIMARY KEY,
            organization_id uuid,
            created_at timestamp
        ) WITH comment = 'Owners. Written by lightweight transactions alone.'
        """,
        """
        CREATE TABLE IF NOT EXISTS conversation_posters (
            conversation_id uuid,
            user_id uuid,
            recipient text STATIC,
            PRIMARY KEY (conversation_id, user_id)
        ) WITH comment = 'Who posted, and the recipient that the last post named.'
        """,
        """
        CREATE TABLE IF NOT EXISTS idempotency_keys (
            organization_id uuid,
            user_id uuid,
            idempotency_key text,
            message_id uuid,
            body_hash text,
            created_at timestamp,
            PRIMARY KEY ((organization_id, user_id, idempotency_key))
        ) WITH comment = 'Rows expire. Written by lightweight transactions alone.'
        """,
        $$"""
        CREATE TABLE IF NOT EXISTS messages (
            conversation_id uuid,
            bucket int,
            message_id uuid,
            organization_id uuid,
            sender_id uuid,
            channel text,
            direction text,
            type text,
            content text,
            recipient text,
            created_at timestamp,
            sent frozen<tuple<bigint, timestamp, text>>,
            delivered frozen<tuple<bigint, timestamp, text>>,
            read frozen<tuple<bigint, timestamp, text>>,
            failed frozen<tuple<bigint, timestamp, text>>,
            PRIMARY KEY ((conversation_id, bucket), message_id)
        ) WITH CLUSTERING ORDER BY (message_id DESC)
            AND compaction = {{Updated}}
            AND comment = 'Messages and their facts. No lightweight transaction, no ordinary timestamp: see CellTimes.'
        """,
        $$"""
        CREATE TABLE IF NOT EXISTS message_timeline (
            conversation_id uuid,
            bucket int,
            message_id uuid,
            seq bigint,
            kind int,
            at timestamp,
            reason text,
            channel text,
            reported_at timestamp,
            appended_at timestamp,
            joins bigint,
            PRIMARY KEY ((conversation_id, bucket), message_id, seq)
        ) WITH CLUSTERING ORDER BY (message_id DESC, seq ASC)
            AND compaction = {{Updated}}
            AND comment = 'Every status event, beside the message that it is about: the same partition key as messages.'
        """,
        """
        CREATE TABLE IF NOT EXISTS conversation_buckets (
            conversation_id uuid,
            bucket int,
            PRIMARY KEY (conversation_id, bucket)
        ) WITH CLUSTERING ORDER BY (bucket DESC)
            AND comment = 'The buckets that have messages, so that a page skips the empty ones.'
        """,
        """
        CREATE TABLE IF NOT EXISTS message_by_id (
            message_id uuid PRIMARY KEY,
            conversation_id uuid,
            organization_id uuid
        ) WITH comment = 'Where a message is, by its id alone.'
        """,
        $$"""
        CREATE TABLE IF NOT EXISTS status_changes (
            conversation_id uuid,
            seq bigint,
            change frozen<tuple<uuid, int, text, timestamp, text, timestamp>>,
            PRIMARY KEY (conversation_id, seq)
        ) WITH compaction = {{ByWindow}}
            AND default_time_to_live = {{(long)ChangeLife.TimeToLive(retention.Changes).TotalSeconds}}
            AND gc_grace_seconds = 10800
            AND comment = 'Numbered changes: message_id, status, channel, at, reason, appended_at. Only ever expires as a whole.'
        """,
        """
        CREATE TABLE IF NOT EXISTS conversation_heads (
            conversation_id uuid PRIMARY KEY,
            head bigint,
            first frozen<tuple<bigint, timestamp>>
        ) WITH comment = 'The highest number of a conversation, and its lowest with the time that the log took it.'
        """,
        """
        CREATE TABLE IF NOT EXISTS epochs (
            topic text,
            epoch int,
            identity text,
            PRIMARY KEY (topic, epoch)
        ) WITH comment = 'What each epoch of the numbers stands for. Written by lightweight transactions alone.'
        """,
        $"""
        CREATE TABLE IF NOT EXISTS parked_statuses (
            subject text,
            seq bigint,
            value blob,
            appended_at timestamp,
            PRIMARY KEY (subject, seq)
        ) WITH compaction = {Updated}
            AND comment = 'Statuses that wait for their message.'
        """,
        $"""
        CREATE TABLE IF NOT EXISTS parked_by_time (
            bucket int,
            appended_at timestamp,
            subject text,
            seq bigint,
            value blob,
            PRIMARY KEY (bucket, appended_at, subject, seq)
        ) WITH compaction = {Updated}
            AND comment = 'The same statuses by when the log took them, ten minutes a bucket.'
        """,
        $"""
        CREATE TABLE IF NOT EXISTS parked_buckets (
            part int,
            bucket int,
            noted_at timestamp,
            PRIMARY KEY (part, bucket)
        ) WITH compaction = {Updated}
            AND comment = 'The buckets of parked_by_time that may hold rows. One partition, part 0.'
        """,
        """
        CREATE TABLE IF NOT EXISTS hand_overs (
            message_id uuid,
            channel text,
            at timestamp,
            provider_message_id text,
            PRIMARY KEY (message_id, channel)
        ) WITH comment = 'What was handed to a provider.'
        """,
        """
        CREATE TABLE IF NOT EXISTS provider_ids (
            channel text,
            provider_message_id text,
            message frozen<tuple<uuid, uuid>>,
            PRIMARY KEY ((channel, provider_message_id))
        ) WITH comment = 'The message (conversation_id, message_id) that a provider means by its id.'
        """,
    ];

    // Rows that are written more than once while they are young: few SSTables to look into for a read, at the cost of more
    // writing.
    private const string Updated = "{'class': 'UnifiedCompactionStrategy', 'scaling_parameters': 'L4'}";

    // Rows that expire together lie together, so that a file goes as a whole: fourteen windows of the default retention.
    private const string ByWindow =
        "{'class': 'TimeWindowCompactionStrategy', 'compaction_window_unit': 'HOURS', 'compaction_window_size': 12}";
}
