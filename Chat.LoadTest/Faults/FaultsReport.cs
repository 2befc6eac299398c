namespace Chat.LoadTest.Faults;

internal static class FaultsReport
{
    public static string Write(FaultsOptions options, FaultsResult result)
    {
        var text = new Markdown();
        WriteIntroduction(text, options, result);
        WriteFaults(text, result);
        WriteCounts(text, result);
        return text.ToString();
    }

    private static void WriteIntroduction(Markdown text, FaultsOptions options, FaultsResult result) => text
        .Line("# Processes killed under load")
        .Line()
        .Line("Two of Chat.Api, two of Chat.StatusWorker, one Chat.RouterWorker and one Chat.Connectors for each channel, each a process")
        .Line("of its own, on one Kafka, one Cassandra and one Redis. Messages are posted by REST, each with an idempotency key and")
        .Line($"retried until its 202; {result.Clients.Count} clients, {options.Sockets} on each API instance, watch all")
        .Line($"{options.Conversations} conversations and resume as Chat.Client does. One process after the other")
        .Line($"is killed by `kill -9` and started again by the same command on the same data {options.Down.TotalSeconds:F0} s later. The")
        .Line("report is written by the program that did it:")
        .Line()
        .Line("```bash")
        .Line("dotnet run --project Chat.LoadTest -- faults --kafka-run 'KAFKA' --cassandra-run 'CASSANDRA' --redis-run 'REDIS' \\")
        .Line(
            $"  --rate {options.Rate} --conversations {options.Conversations} --sockets {options.Sockets} "
            + $"--steady {options.Steady.TotalSeconds} --down {options.Down.TotalSeconds} --report docs/faults.md")
        .Line("```")
        .Line()
        .Line("KAFKA, CASSANDRA and REDIS are shell commands that become the servers (by `exec`), so that their pid is the server's.")
        .Line()
        .Line($"- Machine: {Machine.Describe()}. Servers, services, poster and clients share it")
        .Line($"  (load average over 5 minutes at the end: {result.LoadAverage}).")
        .Line($"- Servers: {options.Servers.Versions}.")
        .Line(
            $"- {result.Duration.TotalSeconds:F0} s from the first post to the last count; posts were sent for "
            + $"{result.Posting.TotalSeconds:F0} s, at {options.Rate} messages/s where they were answered:")
        .Line(
            $"  {result.Messages:N0} messages, {result.Messages / result.Posting.TotalSeconds:F0}/s with all outages. "
            + $"{result.Retries:N0} tries were repeated.")
        .Line("- *Behind*: how old the oldest 202 is whose message not every client shows as READ yet. READ always comes 1.2 s after the")
        .Line($"  hand-over. Before the first fault it was {result.NormallyBehind.TotalSeconds:F1} s at most; *caught up* is")
        .Line($"  {result.CaughtUpBelow.TotalSeconds:F1} s or less for a second, with posts being answered.")
        .Line();

    private static void WriteFaults(Markdown text, FaultsResult result)
    {
        text.Columns(
            "`kill -9` of", "at, s", "down, s", "202s while it was down", "202s until caught up", "tries repeated", "worst behind, s",
            "caught up after the kill, s", "after the restart, s");
        foreach (var fault in result.Faults)
        {
            text.Row(
                fault.Name,
                $"{fault.KilledAt.TotalSeconds:F0}",
                $"{fault.DownFor.TotalSeconds:F1}",
                $"{fault.AcknowledgedDown:N0}",
                $"{fault.Acknowledged:N0}",
                $"{fault.Retries:N0}",
                $"{fault.WorstBehind.TotalSeconds:F1}",
                Seconds(fault.CaughtUp),
                Seconds(fault.CaughtUp - fault.DownFor));
        }
        text.Line()
            .Line(result.Quiet is null
                ? "After the last post not everything was shown in time."
                : $"After the last post everything was shown within {Seconds(result.Quiet)} s.")
            .Line();
    }

    private static void WriteCounts(Markdown text, FaultsResult result)
    {
        var facts = 3 * result.Messages;
        text.Columns("", "messages", "facts (SENT, DELIVERED, READ)", "missing")
            .Row("acknowledged by 202", $"{result.Messages:N0}", $"{facts:N0}", "")
            .Row("in the store", $"{result.StoredMessages:N0}", $"{result.StoredFacts:N0}", $"{facts - result.StoredFacts:N0}");
        foreach (var client in result.Clients)
        {
            text.Row(
                $"shown by {client.Name}", $"{client.Same:N0} as the store has them", $"{client.FactsShown:N0}",
                $"{facts - client.FactsShown:N0}");
        }
        text.Line()
            .Line(
                $"In the store and never acknowledged: {result.NeverAcknowledged:N0}; posts that had no answer when the time was up: "
                + $"{result.Unanswered:N0}. Two posts that became one message: {result.Repeated:N0}.")
            .Line("A shown status implies those below it. How each client got them:")
            .Line()
            .Columns("", "connected, times", "conversations resumed in full", "reloaded", "facts that came as a frame of their own");
        foreach (var client in result.Clients)
        {
            text.Row(client.Name, $"{client.Connects:N0}", $"{client.Recovered:N0}", $"{client.Reloaded:N0}", $"{client.Frames:N0}");
        }
    }

    private static string Seconds(TimeSpan? time) => time is { } passed ? $"{passed.TotalSeconds:F1}" : "not in time";
}
