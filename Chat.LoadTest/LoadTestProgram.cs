using System.CommandLine;
using System.Data.Common;
using System.Net.Sockets;
using System.Net.WebSockets;
using Chat.Client.Connections;
using Chat.CommandLine;
using Chat.Core.Engines;
using Chat.Core.Text;
using Chat.LoadTest.Away;
using Chat.LoadTest.Deployment;
using Chat.LoadTest.Distributed;
using Chat.LoadTest.Faults;
using Chat.LoadTest.Outages;
using Chat.LoadTest.Pipeline;
using Chat.LoadTest.PipelineFloor;
using Chat.LoadTest.Posts;
using Chat.LoadTest.Status;
using Chat.LoadTest.Webhooks;
using Confluent.Kafka;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace Chat.LoadTest;

/// <summary>One command a scenario; each says in its report what it ran on, how it was called, and how far its figures spread.</summary>
internal static class LoadTestProgram
{
    /// <param name="output">The console's where null, as is <paramref name="error"/>.</param>
    public static Task<int> RunAsync(string[] args, TextWriter? output = null, TextWriter? error = null) =>
        RunUntilAsync(args, output, error, CancellationToken.None);

    /// <param name="interrupt">As Ctrl+C does.</param>
    /// <returns>The exit code: <see cref="CommandLineProgram.WrongUsage"/> too where the run could not be carried out to its end.</returns>
    public static async Task<int> RunUntilAsync(string[] args, TextWriter? output, TextWriter? error, CancellationToken interrupt)
    {
        try
        {
            // A table that redraws itself goes to a terminal alone.
            return await CommandLineProgram.RunAsync(
                CreateRoot(isLive: error is null && !Console.IsErrorRedirected), args, output, error, interrupt);
        }
#pragma warning disable CA1031 // Whatever a server or a process that is ended throws, that is why.
        catch (Exception exception) when (interrupt.IsCancellationRequested)
#pragma warning restore CA1031
        {
            Say($"Interrupted: there is nothing to report{CommandLineProgram.ReasonOf(exception)}.");
        }
        catch (Exception exception) when (IsSaidInALine(exception))
        {
            Say(exception.Message.ReplaceLineEndings(" "));
        }
        return CommandLineProgram.WrongUsage;

        void Say(string text) => Progress.Say(text, PrintableWriter.Over(error ?? Console.Error));
    }

    /// <summary>
    /// Whether its message says it all: a port that is taken, a program that is not built, a setting that is wrong, a server that ended,
    /// refuses or can't be reached.
    /// </summary>
    internal static bool IsSaidInALine(Exception exception) => exception
        is InvalidOperationException or TimeoutException or OperationCanceledException or OptionsValidationException
        or IOException or UnauthorizedAccessException or SocketException
        or HttpRequestException or WebSocketException or StatusSocketRefusedException
        or EngineRefusedException or KafkaException or RedisException or RedisCommandException or DbException
        || FloorRows.IsFailure(exception);

    private static RootCommand CreateRoot(bool isLive) => new(
        "Load on a running deployment (run), and benchmarks and faults on servers of their own (the others); each writes a report.")
    {
        RunOptions.CreateCommand((options, output, error, cancellationToken) =>
            LoadRun.RunAsync(options, output, new(error, isLive), cancellationToken)),
        StatusBenchmarkOptions.CreateCommand(StatusBenchmark.RunAsync),
        PostBenchmarkOptions.CreateCommand(PostBenchmark.RunAsync),
        AwayOptions.CreateCommand(AwayRun.RunAsync),
        FaultsOptions.CreateCommand(FaultsRunner.RunAsync),
        OutageOptions.CreateCommand(OutageRun.RunAsync),
        PipelineOptions.CreateCommand(PipelineRun.RunAsync),
        WorkerBenchmarkOptions.CreateCommand(WorkerBenchmark.RunAsync),
        WebhookOptions.CreateCommand((options, output, cancellationToken) => WebhookRun.RunAsync(options, output, cancellationToken)),
        FloorProgram.CreateCommand(),
        CreateSockets(),
        CreatePosters(),
        CreateIdleConsumer(),
    };

    private static Argument<Uri> CreateUrl() => new("url")
    {
        CustomParser = result =>
        {
            if (Uri.TryCreate(result.Tokens[^1].Value, UriKind.Absolute, out var parsed)) return parsed;
            result.AddError($"url: '{result.Tokens[^1].Value}' is not an absolute URL.");
            return null;
        },
    };

    private static Command CreatePosters()
    {
        var url = CreateUrl();
        var key = new Argument<string>("key");
        var command = new Command(PostClients.CommandName, "The clients of the post benchmark, a process of its own.") { url, key };
        command.Hidden = true;
        command.SetAction(parsed => PostClients.RunAsync(parsed.GetRequiredValue(url), parsed.GetRequiredValue(key)));
        return command;
    }

    private static Command CreateSockets()
    {
        var url = CreateUrl();
        var key = new Argument<string>("key");
        var conversations = new Argument<int>("conversations");
        var command = new Command(SocketClients.CommandName, "The clients of the status benchmark, a process of its own.")
        {
            url, key, conversations,
        };
        command.Hidden = true;
        command.SetAction(parsed => SocketClients.RunAsync(
            parsed.GetRequiredValue(url), parsed.GetRequiredValue(key), parsed.GetValue(conversations)));
        return command;
    }

    private static Command CreateIdleConsumer()
    {
        var kafka = new Argument<string>("kafka");
        var topic = new Argument<string>("topic");
        var command = new Command(IdleConsumer.CommandName, "The worker benchmark's consumer that does nothing, as a separate process.")
        {
            kafka, topic,
        };
        command.Hidden = true;
        command.SetAction((parsed, cancellationToken) =>
            IdleConsumer.RunAsync(parsed.GetRequiredValue(kafka), parsed.GetRequiredValue(topic), cancellationToken));
        return command;
    }
}
