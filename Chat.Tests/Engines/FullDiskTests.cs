using System.Net;
using Chat.Connectors;
using Chat.Core.Ids;
using Chat.Core.Statuses;
using Chat.Engines.Embedded.Log;
using Chat.Engines.Embedded.Store;
using Chat.RouterWorker;
using Chat.StatusWorker;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Engines;

/// <summary>The whole pipeline in one process on files that grow no more: what SQLite says then is what it says of a full disk.</summary>
public sealed class FullDiskTests : IAsyncLifetime
{
    private const int MostPosts = 5_000;

    private ApiHost _chat = null!;

    public async ValueTask InitializeAsync() => _chat = await ApiHost.StartAsync(
        new()
        {
            ["Connectors:Channels:whatsapp:DeliveredAfter"] = "00:00:00",
            ["Connectors:Channels:whatsapp:ReadAfter"] = "00:00:00",
        },
        configure: builder =>
        {
            builder.AddRouterWorker();
            builder.AddStatusWorker();
            builder.AddConnectors();
        });

    public ValueTask DisposeAsync() => _chat.DisposeAsync();

    [Theory]
    [InlineData("embedded-log")]
    [InlineData("embedded-store")]
    [InlineData("embedded-log", "embedded-store")]
    public async Task A_full_disk_is_said_loses_nothing_that_was_acknowledged_and_needs_no_restart(params string[] full)
    {
        var accepted = new List<MessageKey>();
        (await PostAsync(accepted)).Is(HttpStatusCode.Accepted);
        Assert.Equal("Healthy", (await _chat.GetAsync("/health")).Is(HttpStatusCode.OK).Body);

        foreach (var name in full) await ExecuteAsync(name, "PRAGMA max_page_count = 1");
        Answer answer;
        do answer = await PostAsync(accepted);
        while (answer.Status == HttpStatusCode.Accepted && accepted.Count < MostPosts);

        answer.IsProblem(HttpStatusCode.ServiceUnavailable);
        Assert.NotNull(answer.Header("Retry-After"));
        await Until.TrueAsync(
            async () =>
            {
                var health = await _chat.GetAsync("/health");
                return health.Status == HttpStatusCode.ServiceUnavailable
                    && full.Any(name => health.Body.Contains($"{name}: disk full", StringComparison.Ordinal));
            },
            "health names the full disk");
        (await _chat.GetAsync("/alive")).Is(HttpStatusCode.OK);

        foreach (var name in full) await ExecuteAsync(name, "PRAGMA max_page_count = 4294967294");
        await Until.TrueAsync(async () => (await PostAsync(accepted)).Status == HttpStatusCode.Accepted, "a post is taken again");
        await Until.TrueAsync(async () => (await _chat.GetAsync("/health")).Body == "Healthy", "it is healthy again");
        await Until.TrueAsync(
            async () => (await _chat.Store.Messages.GetStatesAsync(accepted, TestContext.Current.CancellationToken))
                .All(s => s.Facts[StatusKind.Read] is not null),
            $"all {accepted.Count} accepted messages are read",
            TimeSpan.FromSeconds(60));
    }

    [Theory]
    [InlineData("embedded-log")]
    [InlineData("embedded-store")]
    public async Task A_file_that_became_read_only_is_said(string name)
    {
        await ExecuteAsync(name, "PRAGMA query_only = ON");

        (await PostAsync([])).IsProblem(HttpStatusCode.ServiceUnavailable);
        await Until.TrueAsync(
            async () => (await _chat.GetAsync("/health")).Body.Contains($"{name}: read-only", StringComparison.Ordinal),
            "health names the file that is read-only");
    }

    // On the connection of the one writer: a limit of pages is a connection's.
    private Task ExecuteAsync(string name, string pragma) => PragmaWork.RunAsync(
        name == "embedded-log"
            ? _chat.App.Services.GetRequiredService<EmbeddedEventLog>().Writer
            : _chat.App.Services.GetRequiredService<StoreDatabase>().Writer,
        pragma,
        TestContext.Current.CancellationToken);

    private async Task<Answer> PostAsync(List<MessageKey> accepted)
    {
        var conversation = Guid.NewGuid();
        var answer = await _chat.PostAsync(
            "/v1/messages", ApiHost.Token(Bodies.User, Bodies.Organization), Bodies.With("conversaId", $"\"{conversation}\""));
        if (answer.Status == HttpStatusCode.Accepted) accepted.Add(new(conversation, answer.Json.GetProperty("messageId").GetGuid()));
        return answer;
    }
}
