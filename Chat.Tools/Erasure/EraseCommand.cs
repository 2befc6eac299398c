using Chat.Core.Erasure;
using Chat.Core.Time;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tools.Erasure;

/// <summary>Erases a person's data, and says what was removed and what is left where.</summary>
public static class EraseCommand
{
    public static Task<int> RunAsync(EraseOptions options, TextWriter output, CancellationToken cancellationToken) => ToolHost.RunAsync(
        options.Data,
        services => services.AddSingleton<Eraser>(),
        services => RunAsync(
            services.GetRequiredService<Eraser>(), options, services.GetRequiredService<TimeProvider>(), output, cancellationToken));

    public static async Task<int> RunAsync(
        Eraser eraser, EraseOptions options, TimeProvider time, TextWriter output, CancellationToken cancellationToken)
    {
        ErasureReport report;
        try
        {
            report = options.Conversation is { } conversation
                ? await eraser.EraseConversationAsync(options.Organization, conversation, options.DryRun, cancellationToken)
                : await eraser.EraseRecipientAsync(options.Organization, options.Recipient!, options.DryRun, cancellationToken);
        }
        catch when (cancellationToken.IsCancellationRequested && !options.DryRun)
        {
            await output.WriteLineAsync("interrupted before all was removed: run it again");
            throw;
        }
        await WriteAsync(report, options.DryRun ? "would be removed" : "removed", time.GetUtcNow(), output);
        return 0;
    }

    private static async Task WriteAsync(ErasureReport report, string removed, DateTimeOffset now, TextWriter output)
    {
        await output.WriteLineAsync($"conversations: {report.Conversations.Count}");
        foreach (var conversation in report.Conversations.Order()) await output.WriteLineAsync($"  {conversation:D}");
        if (report.Shared.Count > 0)
        {
            await output.WriteLineAsync("left, since a message of theirs goes to another recipient; erase them by --conversation:");
            foreach (var conversation in report.Shared.Order()) await output.WriteLineAsync($"  {conversation:D}");
        }
        await output.WriteLineAsync("store");
        foreach (var rows in report.Rows) await output.WriteLineAsync($"  {rows.Table,-24} {rows.Count,8} {removed}");
        await output.WriteLineAsync("log");
        foreach (var events in report.Events ?? []) await output.WriteLineAsync($"  {events.Table,-24} {events.Count,8} {removed}");
        if (report is { Events: [], Retention: null }) await output.WriteLineAsync("  nothing of it");
        if (report.Retention is not { } topics) return;
        await output.WriteLineAsync("  can't remove single events: what a topic has of this is there until its retention deletes it");
        foreach (var (topic, kept) in topics.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            var until = kept is { } time ? $"until about {WireTime.Format(now + time)} at the latest" : "for good";
            await output.WriteLineAsync($"  {topic,-24} {until}");
        }
    }
}
