using Chat.Core.Statuses;

namespace Chat.Engines.Embedded.Store;

/// <summary>The message store's tables, in <c>store.db</c>. Ids are 16 bytes, big-endian; times are Unix milliseconds.</summary>
internal static class StoreSchema
{
    public static IReadOnlyList<string> Steps { get; } =
    [
        // Messages, facts and timelines are keyed by message id first: it begins with the time, so that what is written now lies
        // together, however many conversations and messages there are.
        """
        CREATE TABLE conversations (
            conversation_id BLOB PRIMARY KEY,
            organization_id BLOB NOT NULL,
            created_at INTEGER NOT NULL) WITHOUT ROWID;

        CREATE TABLE posters (
            conversation_id BLOB NOT NULL,
            user_id BLOB NOT NULL,
            PRIMARY KEY (conversation_id, user_id)) WITHOUT ROWID;

        CREATE TABLE recipients (
            conversation_id BLOB PRIMARY KEY,
            recipient TEXT NOT NULL) WITHOUT ROWID;

        CREATE TABLE idempotency_keys (
            organization_id BLOB NOT NULL,
            user_id BLOB NOT NULL,
            key TEXT NOT NULL,
            message_id BLOB NOT NULL,
            body_hash TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            PRIMARY KEY (organization_id, user_id, key)) WITHOUT ROWID;
        CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);

        CREATE TABLE messages (
            message_id BLOB NOT NULL,
            conversation_id BLOB NOT NULL,
            organization_id BLOB NOT NULL,
            sender_id BLOB NOT NULL,
            channel TEXT NOT NULL,
            direction TEXT NOT NULL,
            type TEXT NOT NULL,
            content TEXT NOT NULL,
            recipient TEXT,
            created_at INTEGER NOT NULL,
            PRIMARY KEY (message_id, conversation_id)) WITHOUT ROWID;
        CREATE INDEX messages_by_conversation ON messages (conversation_id, message_id);

        -- A fact's time and number change together.
        CREATE TABLE facts (
            message_id BLOB NOT NULL,
            conversation_id BLOB NOT NULL,
            sent_at INTEGER, sent_seq INTEGER, sent_reason TEXT,
            delivered_at INTEGER, delivered_seq INTEGER, delivered_reason TEXT,
            read_at INTEGER, read_seq INTEGER, read_reason TEXT,
            failed_at INTEGER, failed_seq INTEGER, failed_reason TEXT,
            PRIMARY KEY (message_id, conversation_id)) WITHOUT ROWID;

        CREATE TABLE timeline (
            message_id BLOB NOT NULL,
            conversation_id BLOB NOT NULL,
            seq INTEGER NOT NULL,
            kind INTEGER NOT NULL,
            at INTEGER NOT NULL,
            reason TEXT,
            channel TEXT,
            reported_at INTEGER,
            appended_at INTEGER NOT NULL,
            joins INTEGER,
            PRIMARY KEY (message_id, conversation_id, seq)) WITHOUT ROWID;

        CREATE TABLE changes (
            conversation_id BLOB NOT NULL,
            seq INTEGER NOT NULL,
            message_id BLOB NOT NULL,
            status INTEGER NOT NULL,
            channel TEXT NOT NULL,
            at INTEGER NOT NULL,
            reason TEXT,
            appended_at INTEGER NOT NULL,
            PRIMARY KEY (conversation_id, seq)) WITHOUT ROWID;

        -- trimmed: the highest number whose change retention took; 0 where it took none.
        CREATE TABLE heads (
            conversation_id BLOB PRIMARY KEY,
            head INTEGER NOT NULL,
            trimmed INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID;

        CREATE TABLE epochs (
            topic TEXT NOT NULL,
            identity TEXT NOT NULL,
            epoch INTEGER NOT NULL,
            PRIMARY KEY (topic, identity),
            UNIQUE (topic, epoch)) WITHOUT ROWID;

        CREATE TABLE parked (
            subject TEXT NOT NULL,
            seq INTEGER NOT NULL,
            value BLOB NOT NULL,
            appended_at INTEGER NOT NULL,
            PRIMARY KEY (subject, seq)) WITHOUT ROWID;
        CREATE INDEX parked_by_age ON parked (appended_at);

        CREATE TABLE hand_overs (
            message_id BLOB NOT NULL,
            channel TEXT NOT NULL,
            at INTEGER NOT NULL,
            provider_message_id TEXT,
            PRIMARY KEY (message_id, channel)) WITHOUT ROWID;

        CREATE TABLE provider_ids (
            channel TEXT NOT NULL,
            provider_message_id TEXT NOT NULL,
            conversation_id BLOB NOT NULL,
            message_id BLOB NOT NULL,
            PRIMARY KEY (channel, provider_message_id)) WITHOUT ROWID;
        """,
        // A reason has a time and a number of its own, since it may be another event's than the fact's time is.
        string.Concat(StatusKinds.All.Select(StatusNames.Field).Select(f =>
            $"""
            ALTER TABLE facts ADD COLUMN {f}_reason_at INTEGER;
            ALTER TABLE facts ADD COLUMN {f}_reason_seq INTEGER;
            UPDATE facts SET {f}_reason_at = {f}_at, {f}_reason_seq = {f}_seq WHERE {f}_reason IS NOT NULL;

            """)),
        // Messages that are there already keep their order, that of their ids, below all that come.
        """
        ALTER TABLE messages ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
        DROP INDEX messages_by_conversation;
        CREATE INDEX messages_by_position ON messages (conversation_id, position, message_id);
        """,
        // By when they are forgotten, so that those are together.
        """
        CREATE TABLE revoked_tokens (
            kept_until INTEGER NOT NULL,
            token_id TEXT NOT NULL,
            PRIMARY KEY (kept_until, token_id)) WITHOUT ROWID;
        """,
        // When a conversation was erased; null where it never was.
        """
        ALTER TABLE conversations ADD COLUMN erased_at INTEGER;
        """,
        // Real accounts: which one a message goes from, who is reached at it, and what was sent and what waits.
        """
        ALTER TABLE messages ADD COLUMN account_id TEXT;
        ALTER TABLE messages ADD COLUMN provider_message_id TEXT;

        -- Retention and erasure begin at the message.
        CREATE INDEX provider_ids_by_message ON provider_ids (message_id);

        CREATE TABLE accounts (
            channel TEXT NOT NULL,
            account_id TEXT NOT NULL,
            organization_id BLOB NOT NULL,
            business_id TEXT,
            display_name TEXT,
            app TEXT NOT NULL,
            sealed_credentials BLOB NOT NULL,
            state INTEGER NOT NULL,
            attention TEXT,
            messages_per_second INTEGER,
            created_at INTEGER NOT NULL,
            updated_at INTEGER NOT NULL,
            PRIMARY KEY (channel, account_id)) WITHOUT ROWID;

        CREATE TABLE address_claims (
            channel TEXT NOT NULL,
            account_id TEXT NOT NULL,
            kind TEXT NOT NULL,
            address TEXT NOT NULL,
            conversation_id BLOB NOT NULL,
            PRIMARY KEY (channel, account_id, kind, address)) WITHOUT ROWID;
        CREATE INDEX address_claims_by_conversation ON address_claims (conversation_id);

        -- What several notes may say has the time of its own that decides.
        CREATE TABLE contacts (
            conversation_id BLOB PRIMARY KEY,
            organization_id BLOB NOT NULL,
            channel TEXT NOT NULL,
            account_id TEXT NOT NULL,
            noted_at INTEGER NOT NULL,
            send_to TEXT, send_to_at INTEGER,
            name TEXT, name_at INTEGER,
            last_inbound_at INTEGER) WITHOUT ROWID;

        CREATE TABLE contact_addresses (
            conversation_id BLOB NOT NULL,
            kind TEXT NOT NULL,
            address TEXT NOT NULL,
            PRIMARY KEY (conversation_id, kind, address)) WITHOUT ROWID;

        CREATE TABLE send_tries (
            message_id BLOB NOT NULL,
            number INTEGER NOT NULL,
            conversation_id BLOB NOT NULL,
            channel TEXT NOT NULL,
            account_id TEXT NOT NULL,
            owner BLOB NOT NULL,
            at INTEGER NOT NULL,
            outcome INTEGER,
            provider_message_id TEXT,
            PRIMARY KEY (message_id, number)) WITHOUT ROWID;
        CREATE INDEX open_send_tries ON send_tries (channel, at, message_id, number) WHERE outcome IS NULL OR outcome = 3;

        CREATE TABLE held_messages (
            channel TEXT NOT NULL,
            account_id TEXT NOT NULL,
            message_id BLOB NOT NULL,
            hold_id BLOB NOT NULL,
            conversation_id BLOB NOT NULL,
            scope TEXT NOT NULL,
            value BLOB NOT NULL,
            not_before INTEGER NOT NULL,
            PRIMARY KEY (channel, account_id, message_id, hold_id)) WITHOUT ROWID;
        CREATE INDEX held_messages_by_conversation ON held_messages (conversation_id);
        """,
        // When a message was announced, and by which event: merged as a fact is.
        """
        ALTER TABLE facts ADD COLUMN announced_at INTEGER;
        ALTER TABLE facts ADD COLUMN announced_seq INTEGER;
        """,
        // Idempotency keys in the order in which they came. digest: of organization, user and key; null in rows of before.
        """
        ALTER TABLE idempotency_keys RENAME TO keys_by_name;
        DROP INDEX idempotency_keys_by_expiry;
        CREATE TABLE idempotency_keys (
            id INTEGER PRIMARY KEY,
            digest INTEGER,
            organization_id BLOB NOT NULL,
            user_id BLOB NOT NULL,
            key TEXT NOT NULL,
            message_id BLOB NOT NULL,
            body_hash TEXT NOT NULL,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL);
        INSERT INTO idempotency_keys (organization_id, user_id, key, message_id, body_hash, created_at, expires_at)
            SELECT organization_id, user_id, key, message_id, body_hash, created_at, expires_at FROM keys_by_name ORDER BY created_at;
        DROP TABLE keys_by_name;
        CREATE INDEX idempotency_keys_by_digest ON idempotency_keys (digest);
        CREATE INDEX idempotency_keys_by_expiry ON idempotency_keys (expires_at);
        """,
        // They lie in the log's file from here on: the table is moved there as the store is opened, and then dropped.
        """
        ALTER TABLE idempotency_keys RENAME TO keys_to_move;
        """,
    ];
}
