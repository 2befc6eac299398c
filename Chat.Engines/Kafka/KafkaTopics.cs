using System.Collections.Concurrent;
using System.Globalization;
using Chat.Core.Log;
using Chat.Engines.Kafka.Clients;
using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using TopicDescription = Chat.Core.Log.TopicDescription;

namespace Chat.Engines.Kafka;

/// <summary>Describes topics and makes those that are missing.</summary>
internal sealed partial class KafkaTopics(
    AdminRequests requests, IOptions<KafkaOptions> options, TimeProvider time, ILogger<KafkaTopics> logger)
{
    private const string TimestampType = "message.timestamp.type";
    private const string MaxMessageBytes = "max.message.bytes";
    private const string RetentionMs = "retention.ms";
    private const string LogAppendTime = "LogAppendTime";
    private static readonly TimeSpan Propagation = TimeSpan.FromMilliseconds(50);

    private readonly KafkaOptions _options = options.Value;
    private readonly ConcurrentDictionary<string, Entry> _entries = new();

    /// <summary>Whether the topic was there when last looked at: what an append needs, and costs nothing.</summary>
    public bool IsKnown(string topic) => _entries.TryGetValue(topic, out var entry) && entry.Description is not null;

    /// <summary>
    /// The topic as it is, or was no longer than <see cref="KafkaOptions.TopicMaxAge"/> ago; creates it where it isn't there.
    /// </summary>
    public async ValueTask<TopicDescription> DescribeAsync(string topic, CancellationToken cancellationToken)
    {
        var entry = _entries.GetOrAdd(topic, _ => new Entry());
        if (Fresh(entry) is { } known) return known;
        // Whoever asks at the same time waits for the same answer, and where there is none all hear so together.
        return await entry.Load(() => LoadAndKeepAsync(topic, entry)).WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Says that the topic may have changed: the next description comes from the brokers.</summary>
    public void Forget(string topic)
    {
        if (_entries.TryGetValue(topic, out var entry)) entry.Forget();
    }

    /// <summary>
    /// That each partition of the services' topics has a leader, which takes writes. A topic that is missing is made before anything is
    /// appended, unless others are to make it.
    /// </summary>
    /// <exception cref="KafkaException">One has none, or the brokers did not answer.</exception>
    public async Task CheckLeadersAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        var found = await GetMetadataAsync(longest, cancellationToken).ConfigureAwait(false);
        foreach (var name in Topics.All)
        {
            var topic = found.Find(t => t.Topic == name);
            if (topic is null or { Error.Code: ErrorCode.UnknownTopicOrPart })
            {
                if (_options.ManageTopics) continue;
                throw new KafkaException(new Error(ErrorCode.UnknownTopicOrPart, $"There is no topic {name}"));
            }
            if (topic.Error.IsError) throw new KafkaException(topic.Error);
            if (topic.Partitions.Any(p => p.Leader < 0)) throw new KafkaException(new Error(ErrorCode.LeaderNotAvailable));
        }
    }

    /// <summary>How long a topic keeps its events; null where there is no such topic, which is not made.</summary>
    public async Task<TopicRetention?> FindRetentionAsync(string topic, CancellationToken cancellationToken)
    {
        try
        {
            var described = await requests.SendAsync(
                (admin, timeout) => admin.DescribeConfigsAsync(
                    [new() { Type = ResourceType.Topic, Name = topic }], new() { RequestTimeout = timeout }),
                cancellationToken).ConfigureAwait(false);
            var settings = described[0].Entries;
            return new(
                NumberOf(settings, RetentionMs), NumberOf(settings, "segment.ms"), settings.GetValueOrDefault("cleanup.policy")?.Value);
        }
        catch (DescribeConfigsException exception)
        {
            return exception.Results[0].Error.Code switch
            {
                ErrorCode.UnknownTopicOrPart => null,
                // Without the right to see it nobody can say when it ends.
                ErrorCode.TopicAuthorizationFailed => new(null, null, null),
                _ => throw new KafkaException(exception.Results[0].Error),
            };
        }
    }

    private async Task<TopicDescription> LoadAndKeepAsync(string topic, Entry entry)
    {
        var version = entry.Version;
        // Not a caller's token: the load is everybody's. Each of its requests is bounded.
        var description = await LoadAsync(topic, entry, CancellationToken.None).ConfigureAwait(false);
        entry.Set(description, time.GetTimestamp(), version);
        return description;
    }

    private TopicDescription? Fresh(Entry entry) =>
        entry.Read() is var (description, at) && description is not null && time.GetElapsedTime(at) < _options.TopicMaxAge
            ? description
            : null;

    private async Task<TopicDescription> LoadAsync(string topic, Entry entry, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        var description = await TryDescribeAsync(topic, cancellationToken).ConfigureAwait(false);
        if (description is null)
        {
            if (!_options.ManageTopics) throw new KafkaException(new Error(ErrorCode.UnknownTopicOrPart, $"There is no topic {topic}"));
            await CreateAsync(topic, cancellationToken).ConfigureAwait(false);
            while ((description = await TryDescribeAsync(topic, cancellationToken).ConfigureAwait(false)) is null
                || !await TakesEventsAsync(description, cancellationToken).ConfigureAwait(false))
            {
                if (time.GetElapsedTime(started) > _options.RequestTimeout)
                    throw new KafkaException(new Error(ErrorCode.Local_TimedOut, $"Topic {topic} was created and is not visible yet"));
                await Task.Delay(Propagation, time, cancellationToken).ConfigureAwait(false);
            }
        }
        if (entry.CheckedIncarnation != description.Incarnation)
        {
            await CheckSettingsAsync(topic, cancellationToken).ConfigureAwait(false);
            entry.CheckedIncarnation = description.Incarnation;
        }
        return description;
    }

    // All topics: to ask for one by its name makes it, where the brokers make topics by themselves.
    private async Task<List<TopicMetadata>> GetMetadataAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        var metadata = await requests.SendAsync(
            (admin, _) => Task.Factory.StartNew(
                () => admin.GetMetadata(longest), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default),
            cancellationToken).ConfigureAwait(false);
        return metadata.Topics;
    }

    // Brokers from Kafka 4.1 on say of a partition whose replicas are all gone that none is in sync. Confluent.Kafka 2.16 can't read that
    // in a description: its admin client breaks, and answers nothing any more.
    private async Task CheckReplicasAsync(string topic, CancellationToken cancellationToken)
    {
        var found = await GetMetadataAsync(_options.RequestTimeout, cancellationToken).ConfigureAwait(false);
        var partitions = found.Find(t => t.Topic == topic)?.Partitions ?? [];
        if (partitions.Find(p => p.InSyncReplicas is [] || p.Replicas is []) is { } partition)
        {
            throw new KafkaException(new Error(
                ErrorCode.LeaderNotAvailable, $"Partition {partition.PartitionId} of {topic} has no replica in sync"));
        }
    }

    private async Task<TopicDescription?> TryDescribeAsync(string topic, CancellationToken cancellationToken)
    {
        await CheckReplicasAsync(topic, cancellationToken).ConfigureAwait(false);
        try
        {
            var result = await requests.SendAsync(
                (admin, timeout) => admin.DescribeTopicsAsync(
                    TopicCollection.OfTopicNames([topic]), new() { RequestTimeout = timeout }),
                cancellationToken).ConfigureAwait(false);
            var found = result.TopicDescriptions[0];
            return found.Partitions.Count > 0 ? new(topic, found.Partitions.Count, found.TopicId.ToString()) : null;
        }
        catch (DescribeTopicsException exception)
            when (exception.Results.TopicDescriptions[0].Error.Code is ErrorCode.UnknownTopicOrPart or ErrorCode.LeaderNotAvailable)
        {
            return null;
        }
    }

    // Brokers tell of a new topic's leaders before these know that they lead.
    private async Task<bool> TakesEventsAsync(TopicDescription topic, CancellationToken cancellationToken)
    {
        try
        {
            await requests.ListOffsetsAsync(topic, OffsetSpec.Latest(), cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (ListOffsetsException)
        {
            return false;
        }
    }

    private async Task CreateAsync(string topic, CancellationToken cancellationToken)
    {
        var specification = new TopicSpecification
        {
            Name = topic,
            NumPartitions = _options.Partitions,
            ReplicationFactor = _options.ReplicationFactor,
            // The append time is the log's, not its producer's: a fact whose own time is absurd takes it.
            Configs = new(_options.Topic) { [TimestampType] = LogAppendTime },
        };
        specification.Configs.TryAdd(RetentionMs, $"{(long)_options.Retention.TotalMilliseconds}");
        // The largest record that its topic takes has to fit with the reason why it is a dead letter.
        if (Topics.IsDeadLetter(topic))
            specification.Configs.TryAdd(MaxMessageBytes, $"{_options.MaxMessageBytes + DeadLetters.Room}");
        try
        {
            await requests.SendAsync(
                (admin, timeout) => admin.CreateTopicsAsync([specification], new() { RequestTimeout = timeout }), cancellationToken)
                .ConfigureAwait(false);
            LogCreated(topic, _options.Partitions);
        }
        catch (CreateTopicsException exception) when (exception.Results.All(r => r.Error.Code == ErrorCode.TopicAlreadyExists))
        {
            // Another process came first.
        }
    }

    // What the services were down for longer than, is gone unread.
    private void WarnOfShortRetention(string topic, Dictionary<string, ConfigEntryResult> settings)
    {
        if (NumberOf(settings, RetentionMs) is >= 0 and var milliseconds
            && milliseconds < KafkaOptions.ShortRetention.TotalMilliseconds)
        {
            LogShortRetention(
                topic,
                TimeSpan.FromMilliseconds(milliseconds),
                KafkaOptions.ShortRetention,
                CommandToSet(topic, RetentionMs, $"{(long)_options.Retention.TotalMilliseconds}"));
        }
    }

    // A topic that others made, an older version, or the brokers by themselves.
    private async Task CheckSettingsAsync(string topic, CancellationToken cancellationToken)
    {
        var resource = new ConfigResource { Type = ResourceType.Topic, Name = topic };
        Dictionary<string, ConfigEntryResult> settings;
        try
        {
            var current = await requests.SendAsync(
                (admin, timeout) => admin.DescribeConfigsAsync([resource], new() { RequestTimeout = timeout }), cancellationToken)
                .ConfigureAwait(false);
            settings = current[0].Entries;
        }
        catch (KafkaException exception)
        {
            // Without the right to see them the log still works, as well as the topic allows.
            LogSettingsUnknown(topic, exception.Error.Code, exception.Error.Reason);
            return;
        }
        WarnOfShortRetention(topic, settings);
        foreach (var (name, value) in Missing(topic, settings))
        {
            try
            {
                if (!_options.ManageTopics) throw new KafkaException(new Error(ErrorCode.Local_Conflict, "Kafka:ManageTopics is false"));
                var entry = new ConfigEntry { Name = name, Value = value, IncrementalOperation = AlterConfigOpType.Set };
                await requests.SendAsync(
                    (admin, timeout) => admin.IncrementalAlterConfigsAsync(
                        new() { [resource] = [entry] }, new() { RequestTimeout = timeout }),
                    cancellationToken).ConfigureAwait(false);
                LogSettingChanged(topic, name, settings[name].Value, value);
            }
            catch (KafkaException exception)
            {
                LogSettingWrong(topic, name, settings[name].Value, exception.Error.Reason, CommandToSet(topic, name, value));
            }
        }
    }

    // What a topic must have to do its part.
    private IEnumerable<(string Name, string Value)> Missing(string topic, Dictionary<string, ConfigEntryResult> settings)
    {
        // With its producers' clocks a fact whose own time is absurd would have another absurd one.
        if (settings.TryGetValue(TimestampType, out var type) && type.Value != LogAppendTime) yield return (TimestampType, LogAppendTime);
        // A dead letter that does not fit would leave a pointer, whose event its topic deletes one day.
        var deadLetter = _options.MaxMessageBytes + DeadLetters.Room;
        if (Topics.IsDeadLetter(topic) && NumberOf(settings, MaxMessageBytes) < deadLetter)
            yield return (MaxMessageBytes, $"{deadLetter}");
    }

    private static string CommandToSet(string topic, string name, string value) =>
        $"kafka-configs --bootstrap-server … --alter --entity-type topics --entity-name {topic} --add-config {name}={value}";

    private static long? NumberOf(Dictionary<string, ConfigEntryResult> settings, string name) =>
        settings.TryGetValue(name, out var entry) && long.TryParse(entry.Value, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;

    private sealed class Entry
    {
        private readonly Lock _lock = new();
        private TopicDescription? _description;
        private long _at;
        private int _version;
        private Task<TopicDescription>? _load;

        public string? CheckedIncarnation { get; set; }

        public TopicDescription? Description => Read().Description;

        public (TopicDescription? Description, long At) Read()
        {
            lock (_lock) return (_description, _at);
        }

        /// <summary>Rises each time that what is known is to be forgotten.</summary>
        public int Version
        {
            get
            {
                lock (_lock) return _version;
            }
        }

        /// <summary>The load under way, which this call starts where there is none, or where it is older than what was forgotten.</summary>
        public Task<TopicDescription> Load(Func<Task<TopicDescription>> start)
        {
            lock (_lock)
            {
                if (_load is { IsCompleted: false }) return _load;
                return _load = Task.Run(start);
            }
        }

        public void Set(TopicDescription description, long at, int version)
        {
            lock (_lock)
            {
                if (version == _version) (_description, _at) = (description, at);
            }
        }

        public void Forget()
        {
            lock (_lock)
            {
                (_description, _at, _load) = (null, 0, null);
                _version++;
            }
        }
    }

    [LoggerMessage(
        EventId = LogEvents.TopicCreated, Level = LogLevel.Information, Message = "Created topic {Topic} with {Partitions} partitions")]
    private partial void LogCreated(string topic, int partitions);

    [LoggerMessage(
        EventId = LogEvents.SettingChanged,
        Level = LogLevel.Information,
        Message = "Topic {Topic} had {Setting}={Was}: set it to {Value}")]
    private partial void LogSettingChanged(string topic, string setting, string was, string value);

    [LoggerMessage(
        EventId = LogEvents.SettingWrong,
        Level = LogLevel.Warning,
        Message = "Topic {Topic} has {Setting}={Was}, which was left ({Reason}). It should be set: {Command}")]
    private partial void LogSettingWrong(string topic, string setting, string was, string reason, string command);

    [LoggerMessage(
        EventId = LogEvents.RetentionShort,
        Level = LogLevel.Warning,
        Message = "Topic {Topic} keeps its events for {Retention}, less than {Minimum}: an outage that lasts longer loses events. "
            + "Let it keep them for longer: {Command}")]
    private partial void LogShortRetention(string topic, TimeSpan retention, TimeSpan minimum, string command);

    [LoggerMessage(
        EventId = LogEvents.SettingsUnknown,
        Level = LogLevel.Warning,
        Message = "Could not read the settings of topic {Topic} ({Code}: {Reason}): whether they are as they should be is not known")]
    private partial void LogSettingsUnknown(string topic, ErrorCode code, string reason);
}
