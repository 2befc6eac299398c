using System.Net;
using System.Text;
using System.Text.Json;
using Chat.Connectors.Providers.Meta;
using Chat.Core.Providers;
using Chat.MetaSimulator.Graph;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Meta;

/// <summary>
/// A process' way to Meta. A request that is on its way arrives, whether or not its sender still lives; it, or its answer, may be lost or
/// take longer than anybody waits.
/// </summary>
internal sealed class SimGraph(World world, SimProcess process, SimMeta meta, string channel) : IGraphPosts
{
    private const string Method = "messages";

    public async Task<GraphReply> PostAsync(
        GraphOptions options, string path, string token, ReadOnlyMemory<byte> json, CancellationToken cancellationToken)
    {
        var (random, scheduler) = (meta.Random, world.Scheduler);
        var answer = new TaskCompletionSource<GraphReply>();
        if (random.Chance(meta.NotSent))
        {
            After(random.Milliseconds(0.1, 50), new GraphReply.NotSent("no connection"));
            return await answer.Task;
        }
        var sent = json.ToArray();
        scheduler.After(Latency(), scheduler.World, () =>
        {
            var taken = meta.Take(channel, path[..^(Method.Length + 1)], token, sent);
            world.TraceWriter.Write("meta", $"{process.Name} sent {Encoding.UTF8.GetString(sent)}: {taken.Status} {taken.Fate}");
            if (taken.Fate == Fate.Reset) After(Latency(), new GraphReply.NoAnswer("the connection broke"));
            else if (taken.Fate == Fate.Answered) After(Latency(), ReplyOf(taken));
        });
        After(options.Timeout, new GraphReply.NoAnswer("no answer in time"));
        using var registration = cancellationToken.Register(
            () => answer.TrySetResult(new GraphReply.NoAnswer("the service stopped")));
        var reply = await answer.Task;
        // The bug: a lost answer is taken for a request that never left.
        return world.InjectedBug == InjectedBug.LostAnswerSentAgain && reply is GraphReply.NoAnswer lost
            ? new GraphReply.NotSent(lost.Why)
            : reply;

        void After(TimeSpan delay, GraphReply with) => scheduler.After(delay, process, () => answer.TrySetResult(with));

        TimeSpan Latency() => random.Chance(world.StoreFaults.Slow) ? random.Milliseconds(1, 8000) : random.Milliseconds(1, 60);
    }

    private static GraphReply ReplyOf(GraphAnswer answer)
    {
        using var document = JsonDocument.Parse(answer.Body.ToJsonString());
        var retryAfter = answer.RetryAfterSeconds is { } seconds ? TimeSpan.FromSeconds(seconds) : (TimeSpan?)null;
        return GraphError.TryRead(document.RootElement, (HttpStatusCode)answer.Status, retryAfter) is { } error
            ? new GraphReply.Failure(error)
            : new GraphReply.Success(document.RootElement.Clone());
    }
}
