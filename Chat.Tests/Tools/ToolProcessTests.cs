using System.Diagnostics;
using Chat.Core.Log;
using Chat.Tests.Compliance;
using Chat.Tests.Graph;

namespace Chat.Tests.Tools;

/// <summary>The program as a shell runs it: with what the shell has in its environment.</summary>
public sealed class ToolProcessTests : IDisposable
{
    private readonly EmbeddedFolder _folder = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_folder_that_is_named_counts_and_not_the_servers_that_the_shell_has()
    {
        await PutAsideAsync();
        _folder.OpenStore();
        _folder.Close();

        var (code, output, _) = await RunAsync(
            ["dead-letters", "list", "--data", _folder.Path],
            ("ConnectionStrings__kafka", "127.0.0.1:1"),
            ("ConnectionStrings__redis", "127.0.0.1:1"),
            ("ConnectionStrings__cassandra", "127.0.0.1"));

        Assert.Equal(0, code);
        Assert.Contains("1 in messages.dlq, 0 of them put back: broken", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dead-letters", "list")]
    [InlineData("audit")]
    [InlineData("revoke", "--token-id", "abc", "--until", "2999-01-01T00:00:00Z")]
    public async Task A_folder_that_holds_no_data_is_refused_and_stays_as_it_was(params string[] command)
    {
        Directory.CreateDirectory(_folder.Path);

        var (code, _, error) = await RunAsync([.. command, "--data", _folder.Path]);

        Assert.Equal(2, code);
        Assert.Contains("holds no data of Chat", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder.Path));
    }

    [Fact]
    public async Task A_setting_that_is_wrong_is_said_by_its_name_and_is_wrong_usage()
    {
        await PutAsideAsync();

        var (code, _, error) = await RunAsync(["dead-letters", "list", "--data", _folder.Path], ("Embedded__TailBytes", "-5"));

        Assert.Equal(2, code);
        Assert.Contains("TailBytes", Assert.Single(error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Putting_back_ends_with_1_where_something_is_left_or_not_there_and_with_0_where_it_is_back()
    {
        await PutAsideAsync();
        string[] putBack = ["dead-letters", "put-back", "--data", _folder.Path];

        Assert.Equal(1, (await RunAsync([.. putBack, "--at", "messages.dlq[0]:999"])).Code);
        var (_, listed, _) = await RunAsync(["dead-letters", "list", "--data", _folder.Path]);
        var place = listed.Split("  ")[0];
        Assert.Equal(0, (await RunAsync([.. putBack, "--at", place])).Code);
        var (code, output, _) = await RunAsync([.. putBack, "--at", place]);
        Assert.Equal((0, "put back: 0"), (code, output.Trim()));

        // Its event is gone: nothing to be done of it, unless it was asked for.
        var pointer = DeadLetters.PointerTo(new("messages", 0), 4711, "refused") with { Topic = "messages.dlq" };
        await _folder.OpenLog().AppendAsync(pointer, Cancellation);
        _folder.Close();
        Assert.Equal(0, (await RunAsync([.. putBack, "--all"])).Code);
        var gone = (await RunAsync(["dead-letters", "list", "--data", _folder.Path])).Output.Split('\n').Single(l => !l.StartsWith(' ')
            && l.Contains("  key ", StringComparison.Ordinal) && !l.StartsWith(place, StringComparison.Ordinal)).Split("  ")[0];
        Assert.Equal(1, (await RunAsync([.. putBack, "--at", gone])).Code);
    }

    private async Task PutAsideAsync()
    {
        var bad = new LogEvent(7, "the key", "{}"u8.ToArray(), DateTimeOffset.UtcNow, []);
        await _folder.OpenLog().AppendAsync(DeadLetters.From(new("messages", 0), bad, "broken"), Cancellation);
        _folder.Close();
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(
        string[] args, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Chat.Tools.dll"), .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(Cancellation), process.StandardError.ReadToEndAsync(Cancellation));
        await process.WaitForExitAsync(Cancellation).WaitAsync(Until.Deadline, Cancellation);
        return (process.ExitCode, await output, await error);
    }
}
