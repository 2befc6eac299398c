using System.Globalization;
using System.Text;

namespace Chat.LoadTest.Faults;

internal static class FaultsReport
{
    public static string Write(FaultsOptions options, FaultsResult result)
    {
        var facts = 3 * result.Messages;
        var text = new StringBuilder();
        Line(text, $"# Processes killed under load");
        Line(text, $"");
        Line(text, $"Two of Chat.Api, two of Chat.StatusWorker, one Chat.RouterWorker and one Chat.Connectors for each channel, each a process");
        Line(text, $"of its own, on one Kafka, one Cassandra and one Redis. Messages are posted by REST, each with an idempotency key and retried");
        Line(text, $"until its 202; {result.Clients.Count} clients, {options.Sockets} on each API instance, watch all {options.Conversations} conversations and resume as");
        Line(text, $"frontend-example/chat-status-client.js does. One process after the other is killed by `kill -9` and started again by the same");
        Line(text, $"command on the same data {options.Down.TotalSeconds:F0} s later. The report is written by the program that did it:");
        Line(text, $"");
        Line(text, $"```bash");
        Line(text, $"dotnet run --project Chat.LoadTest -- faults --kafka-run 'KAFKA' --cassandra-run 'CASSANDRA' --redis-run 'REDIS' \\");
        Line(text, $"  --rate {options.Rate} --conversations {options.Conversations} --sockets {options.Sockets} --steady {options.Steady.TotalSeconds} --down {options.Down.TotalSeconds} --report docs/faults.md");
        Line(text, $"```");
        Line(text, $"");
        Line(text, $"KAFKA, CASSANDRA and REDIS are shell commands that become the servers (by `exec`), so that their pid is the server's.");
        Line(text, $"");
        Line(text, $"- Machine: {Machine.Describe()}. Servers, services, poster and clients share it");
        Line(text, $"  (load average over 5 minutes at the end: {result.LoadAverage}).");
        Line(text, $"- Servers: {options.Servers.Versions}.");
        Line(text, $"- {result.Duration.TotalSeconds:F0} s from the first post to the last count; posts went on for {result.Posting.TotalSeconds:F0} s, at {options.Rate} messages/s where they were answered:");
        Line(text, $"  {result.Messages:N0} messages, {result.Messages / result.Posting.TotalSeconds:F0}/s with all outages. {result.Retries:N0} tries were repeated.");
        Line(text, $"- *Behind*: how old the oldest 202 is whose message not every client shows as READ yet. READ comes 1.2 s after the hand-over");
        Line(text, $"  by itself. Before the first fault it was {result.NormallyBehind.TotalSeconds:F1} s at most; *caught up* is {result.CaughtUpBelow.TotalSeconds:F1} s or less for a second, with posts being answered.");
        Line(text, $"");
        Line(text, $"| `kill -9` of | at, s | down, s | 202s while it was down | 202s until caught up | tries repeated | worst behind, s | caught up after the kill, s | after the restart, s |");
        Line(text, $"| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (var fault in result.Faults)
        {
            var (caughtUp, restart) = fault.CaughtUp is { } time
                ? ($"{time.TotalSeconds:F1}", $"{(time - fault.DownFor).TotalSeconds:F1}")
                : ("not in time", "not in time");
            Line(text, $"| {fault.Name} | {fault.KilledAt.TotalSeconds:F0} | {fault.DownFor.TotalSeconds:F1} | {fault.AcknowledgedDown:N0} | {fault.Acknowledged:N0} | {fault.Retries:N0} | {fault.WorstBehind.TotalSeconds:F1} | {caughtUp} | {restart} |");
        }
        Line(text, $"");
        Line(text, $"After the last post everything was shown within {(result.Quiet is { } quiet ? $"{quiet.TotalSeconds:F1} s" : "— it was not, in time")}.");
        Line(text, $"");
        Line(text, $"| | messages | facts (SENT, DELIVERED, READ) | missing |");
        Line(text, $"| --- | --- | --- | --- |");
        Line(text, $"| acknowledged by 202 | {result.Messages:N0} | {facts:N0} | |");
        Line(text, $"| in the store | {result.StoredMessages:N0} | {result.StoredFacts:N0} | {facts - result.StoredFacts:N0} |");
        foreach (var client in result.Clients)
        {
            Line(text, $"| shown by {client.Name} | {client.Same:N0} as the store has them | {client.FactsShown:N0} | {facts - client.FactsShown:N0} |");
        }
        Line(text, $"");
        Line(text, $"In the store and never acknowledged: {result.NeverAcknowledged:N0}; posts that had no answer when the time was up: {result.Unanswered:N0}. Two posts that became one message: {result.Repeated:N0}.");
        Line(text, $"A shown status implies those below it. How each client got them:");
        Line(text, $"");
        Line(text, $"| | connected, times | conversations resumed in full | reloaded | facts that came as a frame of their own |");
        Line(text, $"| --- | --- | --- | --- | --- |");
        foreach (var client in result.Clients)
        {
            Line(text, $"| {client.Name} | {client.Connects:N0} | {client.Recovered:N0} | {client.Reloaded:N0} | {client.Frames:N0} |");
        }
        return text.ToString();
    }

    private static void Line(StringBuilder text, FormattableString line) => text.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
