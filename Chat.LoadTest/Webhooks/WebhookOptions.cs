using System.CommandLine;
using Chat.CommandLine;
using Chat.LoadTest.Deployment;

namespace Chat.LoadTest.Webhooks;

/// <param name="Url">Where Chat.Api is.</param>
/// <param name="Path">Of the app's webhook.</param>
/// <param name="Secret">The app's, which signs.</param>
/// <param name="Account">The WhatsApp account that the statuses are addressed to.</param>
/// <param name="Updates">Of one request.</param>
/// <param name="Rate">Updates per second.</param>
/// <param name="MaxP99">The most for the 99th percentile of an answer.</param>
/// <param name="Report">Where the report goes, in Markdown; to the console alone where null.</param>
internal sealed record WebhookOptions(
    Uri Url, string Path, string Secret, string Account, int Updates, double Rate, TimeSpan Duration, TimeSpan MaxP99, string? Report)
{
    public static Command CreateCommand(Func<WebhookOptions, TextWriter, CancellationToken, Task<int>> run)
    {
        var url = RunOptions.CreateUrl();
        var path = CommandOptions.Text("--path", "path", "Of the app's webhook", "/v1/webhooks/whatsapp");
        path.Validators.Add(result =>
        {
            if (result.Tokens is [var text] && !(text.Value.StartsWith('/') && text.Value.IndexOfAny(['?', '#', '\\']) < 0
                && Uri.TryCreate($"http://localhost{text.Value}", UriKind.Absolute, out _)))
                result.AddError($"--path: '{text.Value}' is not a path that begins with a slash, as /v1/webhooks/whatsapp.");
        });
        var secret = CommandOptions.RequiredText(
            "--secret", "text", "The app's secret, which signs: Accounts:Apps:whatsapp:default:Secrets:0");
        var account = CommandOptions.Text(
            "--account", "id", "The WhatsApp account that the statuses are addressed to; nobody's is counted and left", "700800900");
        var updates = CommandOptions.Count("--updates", "Statuses in one request; a provider sends up to 1000", 1000, most: 5000);
        var rate = CommandOptions.Rate("--rate", "Statuses posted per second, whether or not the requests before were answered", 5000);
        var duration = CommandOptions.Duration("--duration", "How long; seconds, or with a unit", TimeSpan.FromSeconds(30));
        var maxP99 = CommandOptions.Duration(
            "--max-p99", "The most for the 99th percentile of an answer", TimeSpan.FromMilliseconds(250));
        var report = LoadTestOptions.Report();
        var command = new Command(
            "webhooks",
            "Signed webhooks of statuses, as WhatsApp posts them, at a steady rate to a deployment that runs: how many updates a second "
            + "were acknowledged, and how long each answer took. The statuses are of messages that nobody sent: they wait, and are given "
            + "up. 64 requests are made and posted in turn, so that from the 65th on each repeats one before. Exit code 0 where every "
            + "request was answered 200 and in time, else 1; 2 where it could not be run.")
        {
            url, path, secret, account, updates, rate, duration, maxP99, report,
        };
        command.SetAction((parsed, cancellationToken) => run(
            new(
                parsed.GetRequiredValue(url),
                parsed.GetRequiredValue(path),
                parsed.GetRequiredValue(secret),
                parsed.GetRequiredValue(account),
                parsed.GetValue(updates),
                parsed.GetValue(rate),
                parsed.GetValue(duration),
                parsed.GetValue(maxP99),
                parsed.GetValue(report)),
            parsed.InvocationConfiguration.Output,
            cancellationToken));
        return command;
    }
}
