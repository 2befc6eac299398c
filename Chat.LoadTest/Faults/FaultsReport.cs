using Chat.LoadTest.Distributed;

namespace Chat.LoadTest.Faults;

internal static class FaultsReport
{
    public static Markdown Write(FaultsOptions options, FaultScenario scenario, FaultsResult result)
    {
        var text = new Markdown();
        WriteIntroduction(text, options, scenario, result);
        WriteFaults(text, result);
        WriteCounts(text, result);
        return text;
    }

    /// <summary>What each scenario's report begins with.</summary>
    public static void WriteMachine(Markdown text, FaultsOptions options, string scenario, string arguments) => text
        .Line("```bash")
        .Line("dotnet run --project Chat.LoadTest -- faults --kafka-run 'KAFKA' --cassandra-run 'CASSANDRA' --redis-run 'REDIS' \\")
        .Line($"  --kafka {options.Servers.Kafka} --cassandra {options.Servers.Cassandra} \\")
        .Line($"  --scenario {scenario} --rate {options.Rate} --conversations {options.Conversations} {arguments}")
        .Line("```")
        .Line()
        .Line($"- {DateTime.UtcNow:yyyy-MM-dd}, {Machine.Describe()}, shared by servers, services, poster and clients;")
        .Line($"  load average over 5 minutes at the end: {LoadAverage.OfFiveMinutes()}.")
        .Line($"- Servers: {options.Servers.Versions}.");

    private static void WriteIntroduction(Markdown text, FaultsOptions options, FaultScenario scenario, FaultsResult result)
    {
        text.Line($"## {scenario.Title}").Line();
        WriteMachine(
            text, options, scenario.Name,
            $"--sockets {options.Sockets} --steady {options.Steady.TotalSeconds} --down {options.Down.TotalSeconds}");
        text
            .Line(
                $"- {result.Duration.TotalSeconds:F0} s from the first post to the last count; posts were sent for "
                + $"{result.Posting.TotalSeconds:F0} s, at {options.Rate} messages/s where they were answered:")
            .Line(
                $"  {result.Messages:N0} messages, {result.Messages / result.Posting.TotalSeconds:F0}/s with all outages. "
                + $"{result.Retries:N0} tries were repeated.")
            .Line($"- Before the first fault clients were behind by {result.NormallyBehind.TotalSeconds:F1} s at most; *caught up* is")
            .Line($"  {result.CaughtUpBelow.TotalSeconds:F1} s or less for a second, with posts being answered.")
            .Line();
    }

    private static void WriteFaults(Markdown text, FaultsResult result)
    {
        text.Columns(
            "fault", "at, s", "down, s", "202s while it was down", "their facts in the store by its end", "202s until caught up",
            "tries repeated", "worst behind, s", "caught up after its begin, s", "after its end, s");
        foreach (var fault in result.Faults)
        {
            text.Row(
                fault.Name,
                $"{fault.KilledAt.TotalSeconds:F0}",
                $"{fault.DownFor.TotalSeconds:F1}",
                $"{fault.AcknowledgedDown:N0}",
                fault.FactsDown is { } facts ? $"{facts:N0}" : "not counted",
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
                + $"{result.Unanswered:N0}. Two posts that became one message: {result.Repeated:N0}. Posts that were refused for good: "
                + $"{result.Failed:N0}.")
            .Line("How each client got them:")
            .Line()
            .Columns("", "connected, times", "conversations resumed in full", "reloaded", "facts that came as a frame of their own");
        foreach (var client in result.Clients)
        {
            text.Row(client.Name, $"{client.Connects:N0}", $"{client.Recovered:N0}", $"{client.Reloaded:N0}", $"{client.Frames:N0}");
        }
    }

    private static string Seconds(TimeSpan? time) => time is { } passed ? $"{passed.TotalSeconds:F1}" : "not in time";
}
