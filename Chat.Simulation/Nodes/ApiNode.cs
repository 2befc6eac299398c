using Chat.Api.Auth;
using Chat.Api.Callbacks;
using Chat.Api.Conversations;
using Chat.Api.Http;
using Chat.Api.Hub;
using Chat.Api.Hub.Feeds;
using Chat.Api.Hub.Sessions;
using Chat.Api.Hub.Sockets;
using Chat.Api.Messages;
using Chat.Api.Problems;
using Chat.Api.Webhooks;
using Chat.Core.Accounts;
using Chat.Core.Conversations;
using Chat.Core.Events;
using Chat.Core.Ids;
using Chat.Core.Webhooks;
using Chat.Simulation.Engines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;

namespace Chat.Simulation.Nodes;

/// <summary>An API instance: the hub whole, and what is behind the REST endpoints.</summary>
public sealed class ApiNode : Node
{
    private static readonly HubMetrics Metrics = new(SharedMeters.Instance);

    private static readonly ApiMetrics ApiMetrics = new(SharedMeters.Instance);

    private readonly HubOptions _options;
    private readonly HubSessions _sessions;
    private readonly HeadCheck _headCheck;
    private readonly MessagePoster _poster;
    private readonly CallbackIntake _intake;
    private readonly ConversationAccess _access;
    private readonly SimStore _store;
    private readonly AccountDirectory? _accounts;
    private readonly PostingAccount? _posting;
    private readonly WebhookIntake? _webhooks;
    private readonly WebhookBodies _bodies;
    private readonly Dictionary<SocketConnection, bool> _open = [];
    private int _connections;

    public ApiNode(World world)
        : base(world, world.NewProcess("api"))
    {
        var plan = world.Plan;
        _options = new()
        {
            ConflateAboveBytes = 1500,
            MaxQueuedBytes = 4000,
            ReadPage = plan.ReadPage,
            MaxHeldPayloads = plan.MaxHeld,
            MaxConcurrentReads = plan.MaxReads,
            HeadCheckInterval = plan.HeadChecks ? TimeSpan.FromSeconds(30) : TimeSpan.FromDays(1),
            HeadCheckBatch = 2,
        };
        var log = world.LogOf(Process);
        _store = world.ReplicaOf(Process);
        Connection = world.Bus.Connect(Process);
        var bus = new SimBus(world.Bus, world.LinkOf(Process, world.BusFaults), Connection, world.InjectedBug)
        {
            Intruder = world.Checker.Organizations[1],
        };
        var retry = World.RetryOf(Process);
        var options = Options.Create(_options);
        var owners = new OwnerCache(_store);
        _access = new(owners, _store);
        var hubAccess = new HubAccess(owners, _access, retry, world.LoggerOf<HubAccess>(Process));
        var reader = new ChangeReader(
            world.InjectedBug == InjectedBug.PlaceKept
                ? new PatientChanges(_store, retry, world.LoggerOf<PatientChanges>(Process))
                : _store,
            _store,
            retry,
            options,
            Metrics,
            world.LoggerOf<ChangeReader>(Process));
        var random = new Scheduling.SimSystemRandom(world.Random.Fork());
        var feeds = new FeedRegistry(
            bus, reader, hubAccess, retry, Process.Time, random, options, Metrics, world.LoggerOf<Feed>(Process));
        _sessions = new(feeds, hubAccess, new NoTokens(), Process.Time, options, Metrics, world.LoggerOf<HubSession>(Process));
        _headCheck = new(
            feeds,
            _store,
            bus,
            Process.Time,
            random,
            options,
            world.LoggerOf<HeadCheck>(Process));
        var ids = world.Random.Fork();
        var idSource = new IdSource(Process.Time, ids.Fill);
        var messages = Options.Create(new MessagesOptions());
        var (limit, recipients) = (new PostLimit(messages, Process.Time), new RecipientClaims(_store, Process.Time));
        var keys = new KeysUnderWay(_store, messages);
        _poster = new(log, _store, _store, keys, owners, limit, recipients, idSource, Process.Time);
        _intake = new(log, new(_store, _store));
        _bodies = new(Options.Create(new WebhookOptions()), Process.Time);
        if (world.Meta is not { } meta) return;
        _accounts = world.AccountsOf(Process, _store, meta);
        _posting = new(_accounts, _store);
        _webhooks = new(_accounts, log);
    }

    public BusConnection Connection { get; }

    public override Node Again() => new ApiNode(World);

    /// <summary>A socket that the upgrade let in.</summary>
    public void Accept(SocketLine line, ChatUser user) => Process.Post(() => _ = ServeAsync(line, user));

    /// <summary><c>POST /v1/messages</c>, behind the checks of its body.</summary>
    internal async Task<PostOutcome> PostAsync(PostedMessage posted, string? key) =>
        await _poster.PostAsync(posted, key, CancellationToken.None);

    /// <summary>The same for what goes from an account; null where something of it is wrong.</summary>
    internal async Task<PostOutcome?> PostFromAccountAsync(PostedMessage posted, string? key) =>
        await _posting!.ChooseAsync(posted, new(), CancellationToken.None) is { } chosen
            ? await _poster.PostAsync(chosen, key, CancellationToken.None)
            : null;

    /// <summary><c>POST /v1/webhooks/{channel}</c>: whether it was answered with 200.</summary>
    public async Task<bool> ReceiveWebhookAsync(string channel, byte[] body, string signature)
    {
        var context = new DefaultHttpContext();
        (context.Request.Body, context.Request.ContentLength) = (new MemoryStream(body), body.Length);
        context.Request.Headers[WebhookSignature.Header] = signature;
        return (await WebhookEndpoints.ReceiveAsync(context, channel, _webhooks!, _bodies, ApiMetrics)).Result is Ok;
    }

    /// <summary>Notes that a person has seen to an account.</summary>
    public async Task RestoreAsync(AccountKey key) =>
        await EngineCall.GuardAsync(ct => _accounts!.SetAttentionAsync(key, null, ct), CancellationToken.None);

    /// <summary><c>POST /v1/callbacks/status</c>, behind the checks of its body.</summary>
    public async Task<bool> CallBackAsync(IReadOnlyList<StatusEvent> events)
    {
        await _intake.AppendAsync(events, CancellationToken.None);
        return true;
    }

    /// <summary><c>GET /v1/conversations/{id}/messages</c>; null where it is refused.</summary>
    internal async Task<MessagePageView?> PageAsync(ChatUser user, Guid conversationId, Guid? before, int limit)
    {
        var context = new DefaultHttpContext();
        context.Features.Set(user);
        var result = await ListMessages.HandleAsync(
            context, conversationId.ToString("D"), $"{limit}", before?.ToString("D"), _access, _store);
        return (result.Result as Ok<MessagePageView>)?.Value;
    }

    protected override async Task RunAsync()
    {
        using var registration = Stopping.Register(() =>
        {
            foreach (var connection in _open.Keys) connection.Close(Chat.Api.Hub.Protocol.CloseCode.GoingAway, "going away");
        });
        var check = _headCheck.RunAsync(Stopping);
        await (_accounts is null ? check : Task.WhenAll(check, World.RefreshAsync(Process, _accounts, Stopping)));
    }

    private async Task ServeAsync(SocketLine line, ChatUser user)
    {
        if (IsStopping)
        {
            line.Break();
            return;
        }
        var connection = new SocketConnection(line.Wire, _options, Process.Time, Metrics);
        _open[connection] = true;
        try
        {
            await using var session = _sessions.Open($"{Process.Name}/{++_connections}", user, connection);
            await connection.ReadAsync(session, line.Aborted);
        }
        finally
        {
            _open.Remove(connection);
            line.Break();
        }
    }

    /// <summary>Nobody sends a fresh token.</summary>
    private sealed class NoTokens : ITokenReader
    {
        public ValueTask<ChatUser?> ReadAsync(string token, CancellationToken cancellationToken) => ValueTask.FromResult<ChatUser?>(null);
    }
}
