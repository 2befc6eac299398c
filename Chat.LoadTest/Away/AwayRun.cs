using System.Diagnostics;
using System.Net.Http.Headers;
using System.Text.Json;
using Chat.Client.Protocol;
using Chat.Core.Conversations;
using Chat.Core.Ids;
using Chat.Core.Log;
using Chat.Core.Messages;
using Chat.Core.Statuses;
using Chat.LoadTest.InProcess;
using Microsoft.Extensions.DependencyInjection;
using MessageStatus = Chat.Client.MessageStatus;

namespace Chat.LoadTest.Away;

/// <summary>
/// A client that was away while many changes came: what coming back costs by resuming, by resuming over a slow link, and by loading the
/// pages over REST, as a client without resume would.
/// </summary>
internal static class AwayRun
{
    private const string Key = "a-key-of-the-benchmark-and-of-nothing-else";
    private const int AppendBatch = 500;
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(5);

    /// <summary>One way back.</summary>
    /// <param name="Reads">On the store: changes of a conversation, or pages of messages.</param>
    /// <param name="Sockets">Connections that it took; more than one where the server closed.</param>
    private sealed record Return(double Seconds, long Frames, long Bytes, long Reads, int Sockets, double PeakMiB);

    public static Task<int> RunAsync(AwayOptions options, CancellationToken cancelled) => LoadTest.Report.RunAsync(
        options.Report,
        async (folder, cancellationToken) => (await RunAsync(options, folder, cancellationToken), true),
        cancelled);

    private static async Task<string> RunAsync(AwayOptions options, string folder, CancellationToken cancellationToken)
    {
        var (app, address) = ChatHost.Build(folder, Key);
        await using var ended = app;
        await app.StartAsync(cancellationToken);
        var token = Tokens.Mint(Key, BenchmarkIds.Organization, BenchmarkIds.User);
        var log = app.Services.GetRequiredService<IEventLog>();
        var conversations = app.Services.GetRequiredService<IConversationStore>();
        var messageStore = app.Services.GetRequiredService<IMessageStore>();
        var changes = app.Services.GetRequiredService<IChangeStore>();
        var ids = new IdSource(TimeProvider.System);
        for (var i = 0; i < options.Conversations; i++)
            await conversations.ClaimConversationAsync(BenchmarkIds.ConversationOwner(i), cancellationToken);

        // What it saw before it left, and what came afterwards.
        await ChangeAsync(log, messageStore, ids, options.Conversations, options.Conversations, cancellationToken);
        var left = await HeadsAsync(changes, options.Conversations, options.Conversations * 3, cancellationToken);
        var messages = options.Changes / 3;
        await ChangeAsync(log, messageStore, ids, messages, options.Conversations, cancellationToken);
        await HeadsAsync(changes, options.Conversations, (options.Conversations + messages) * 3, cancellationToken);
        Console.Error.WriteLine($"{messages * 3:N0} changes are stored; coming back");

        using var meter = new HubMeter();
        var ways = new (string Name, Func<Task<Return>> Take, List<Return> Taken)[]
        {
            ("resume", () => ResumeAsync(address, token, left, messages, 0, meter, cancellationToken), []),
            (
                $"resume, reading {options.SlowBytesPerSecond / 1e6:0.#} MB/s",
                () => ResumeAsync(address, token, left, messages, options.SlowBytesPerSecond, meter, cancellationToken),
                []),
            (
                "pages over REST",
                () => LoadAsync(address, token, options.Conversations, options.Conversations + messages, cancellationToken),
                []),
        };
        // One round to warm up, and then each way in turn, so that a drift of the machine affects all.
        for (var round = -1; round < options.Rounds; round++)
        {
            foreach (var (name, take, taken) in ways)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var way = await take();
                Console.Error.WriteLine($"round {round}: {name}: {way}");
                if (round >= 0) taken.Add(way);
            }
        }
        await app.StopAsync(cancellationToken);
        return Report(options, messages * 3, [.. ways.Select(w => (w.Name, w.Taken))]);
    }

    /// <summary>SENT, DELIVERED and READ of messages, through the log and the status worker.</summary>
    private static async Task ChangeAsync(
        IEventLog log, IMessageStore store, IdSource ids, int messages, int conversations, CancellationToken cancellationToken)
    {
        foreach (var batch in Enumerable.Range(0, messages).Select(i => Samples.MessageOf(ids, i % conversations)).Chunk(AppendBatch))
        {
            await store.AddMessagesAsync(batch, cancellationToken);
            foreach (var kind in Samples.ToRead)
                await log.AppendAsync([.. batch.Select(m => Samples.EventOf(Topics.Status, m, kind))], cancellationToken);
        }
    }

    /// <summary>Waits until that many changes are stored in all, and answers with the last number of each conversation.</summary>
    private static async Task<Dictionary<Guid, long>> HeadsAsync(
        IChangeStore store, int conversations, int changes, CancellationToken cancellationToken)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            var count = 0;
            var heads = new Dictionary<Guid, long>();
            for (var i = 0; i < conversations; i++)
            {
                var conversation = BenchmarkIds.Conversation(i);
                var page = await store.ListChangesAsync(conversation, 0, int.MaxValue, cancellationToken);
                count += page.Changes.Count;
                heads[conversation] = page.Head;
            }
            if (count == changes) return heads;
            if (Stopwatch.GetElapsedTime(started) > Deadline) throw new TimeoutException($"{count} of {changes} changes are stored.");
            await Task.Delay(200, cancellationToken);
        }
    }

    /// <summary>Comes back until every conversation was answered and every message that came meanwhile is shown as READ.</summary>
    private static async Task<Return> ResumeAsync(
        Uri address,
        string token,
        Dictionary<Guid, long> left,
        int messages,
        int bytesPerSecond,
        HubMeter meter,
        CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Deadline);
        meter.Clear();
        using var memory = new PeakMemory();
        var lastSeqs = new Dictionary<Guid, long>(left);
        var (answered, read) = (new HashSet<Guid>(), new HashSet<Guid>());
        var (frames, bytes, sockets) = (0L, 0L, 0);
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            sockets++;
            using var socket = new MeasuredSocket(address, token);
            await socket.ConnectAsync(deadline.Token);
            var reading = socket.ReadAsync(
                (frame, length) =>
                {
                    frames++;
                    bytes += length;
                    if (frame.Type == ServerFrameType.Subscribed)
                    {
                        if (frame.Recovered != true) throw new InvalidOperationException($"{frame.ConversationId} was not recovered.");
                        answered.Add(frame.ConversationId!.Value);
                    }
                    else if (frame.Type == ServerFrameType.MessageStatus)
                    {
                        var (conversation, seq) = (frame.ConversationId!.Value, frame.Seq!.Value);
                        if (seq <= lastSeqs[conversation]) throw new InvalidOperationException($"{frame} came twice, or late.");
                        lastSeqs[conversation] = seq;
                        if (frame.Status == MessageStatus.Read) read.Add(frame.MessageId!.Value);
                    }
                    return answered.Count < left.Count || read.Count < messages;
                },
                deadline.Token,
                bytesPerSecond);
            foreach (var (conversation, since) in lastSeqs.ToArray())
            {
                if (reading.IsCompleted) break;
                socket.Subscribe(conversation, since);
            }
            if (await reading is not { } reason) break;
            Console.Error.WriteLine($"the server closed: {reason}; {read.Count} of {messages} are shown");
        }
        return new(
            Stopwatch.GetElapsedTime(started).TotalSeconds, frames, bytes, meter.Count("chat.hub.store.reads"), sockets, memory.PeakMiB);
    }

    /// <summary>Loads every conversation over REST, one after the other, page by page.</summary>
    private static async Task<Return> LoadAsync(
        Uri address, string token, int conversations, int messages, CancellationToken cancellationToken)
    {
        using var memory = new PeakMemory();
        using var http = new HttpClient { BaseAddress = address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        var (shown, bytes, reads) = (0, 0L, 0L);
        var started = Stopwatch.GetTimestamp();
        for (var i = 0; i < conversations; i++)
        {
            string? before = null;
            do
            {
                var page = await http.GetByteArrayAsync(new Uri(
                    $"/v1/conversations/{BenchmarkIds.Conversation(i):D}/messages?limit=200{(before is null ? "" : $"&before={before}")}",
                    UriKind.Relative), cancellationToken);
                reads++;
                bytes += page.Length;
                using var json = JsonDocument.Parse(page);
                shown += json.RootElement.GetProperty("items").EnumerateArray().Count(m => m.GetProperty("status").GetString() == "READ");
                before = json.RootElement.TryGetProperty("next", out var next) ? next.GetString() : null;
            }
            while (before is not null);
        }
        if (shown != messages) throw new InvalidOperationException($"{shown} of {messages} are shown.");
        return new(Stopwatch.GetElapsedTime(started).TotalSeconds, reads, bytes, reads, 1, memory.PeakMiB);
    }

    private static string Report(AwayOptions options, int changes, IReadOnlyList<(string Name, List<Return> Taken)> ways)
    {
        var text = new Markdown()
            .Line("# A client that was away")
            .Line()
            .Line($"- Machine: {Machine.Describe()}. Server and client share it and one process.")
            .Line(
                $"- Command: `dotnet run -c Release --project Chat.LoadTest -p:FullFeed=false -- away "
                + $"--conversations {options.Conversations} --changes {options.Changes} --rounds {options.Rounds} "
                + $"--slow {options.SlowBytesPerSecond} --report …`")
            .Line(
                $"- {changes:N0} changes (SENT, DELIVERED, READ of {changes / 3:N0} messages) in {options.Conversations:N0} conversations "
                + "came while it was away, through the log and the status worker. Coming back is over one socket, with `since` for each "
                + "conversation, from the first byte until every conversation was answered with `recovered:true` and every message shows "
                + "READ; no change may come twice or late (of two statuses of one message that wait for a slow socket, the older is "
                + "dropped). How long it was away makes no difference within what the store keeps.")
            .Line("- *Pages over REST* is what a client without resume would do: all pages of all conversations, one after the other.")
            .Line(
                $"- Median (least – greatest) of {options.Rounds} rounds, in which the ways take turns. Peak is the growth of the whole "
                + "process' managed memory.")
            .Line()
            .Columns("way back", "seconds", "bytes received", "frames or answers", "reads on the store", "connections", "peak, MiB");
        foreach (var (name, taken) in ways)
        {
            text.Row(
                name, Of(r => r.Seconds, "F2"), Of(r => r.Bytes, "N0"), Of(r => r.Frames, "N0"), Of(r => r.Reads, "N0"),
                Of(r => r.Sockets, "N0"), Of(r => r.PeakMiB, "F0"));

            string Of(Func<Return, double> figure, string format) => new Figures(taken.Select(figure)).Show(format);
        }
        return text.ToString();
    }
}
