using Chat.Core.Conversations;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Chat.Core.Time;
using Chat.LoadTest.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Chat.LoadTest.Pipeline.History;

/// <summary>Writes history through the store's ports, as the services do, but many messages of a conversation at once.</summary>
internal sealed class HistoryWriter : IDisposable
{
    /// <summary>Parts at the same time; a part's requests are bounded by the store.</summary>
    private const int AtOnce = 16;

    private readonly RetryForever _retry = new(TimeProvider.System);
    private readonly IHost _host;
    private readonly IConversationStore _conversations;
    private readonly IMessageStore _messages;
    private readonly IHandOverLedger _handOvers;
    private readonly IStatusStore _statuses;
    private long _written;

    public HistoryWriter(ServerOptions servers)
    {
        // As few requests as there can be, which nobody waits for.
        _host = EngineHost.Build(servers, ("Cassandra:MaxRowsPerRequest", "1000"), ("Cassandra:RequestTimeout", "00:01:00"));
        _conversations = _host.Services.GetRequiredService<IConversationStore>();
        _messages = _host.Services.GetRequiredService<IMessageStore>();
        _handOvers = _host.Services.GetRequiredService<IHandOverLedger>();
        _statuses = _host.Services.GetRequiredService<IStatusStore>();
    }

    /// <summary>Messages so far.</summary>
    public long Written => Interlocked.Read(ref _written);

    public async Task ClaimAsync(RunIds ids, CancellationToken cancellationToken)
    {
        foreach (var conversation in ids.Conversations)
        {
            await _conversations.ClaimConversationAsync(
                new(conversation, ids.Organization, DateTimeOffset.UtcNow), cancellationToken);
        }
    }

    public Task WriteAsync(IEnumerable<HistoryPart> parts, CancellationToken cancellationToken) => Parallel.ForEachAsync(
        parts,
        new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken },
        async (part, ct) => await _retry.RunAsync(ct => WriteAsync(part, ct), Failed, ct));

    public void Dispose() => _host.Dispose();

    private static void Failed(Exception exception, TimeSpan pause) => Progress.Say($"history: {exception.Message}; tried again");

    private async ValueTask<bool> WriteAsync(HistoryPart part, CancellationToken cancellationToken)
    {
        await Task.WhenAll(
            _messages.AddMessagesAsync(part.Messages, cancellationToken).AsTask(),
            _handOvers.RecordHandOversAsync(part.HandOvers(), cancellationToken).AsTask());
        await _statuses.RecordStatusesAsync(part.Records(), part.Changes(), cancellationToken);
        Interlocked.Add(ref _written, part.Messages.Count);
        return true;
    }
}
