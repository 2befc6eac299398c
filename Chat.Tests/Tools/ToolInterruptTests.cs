using System.Diagnostics;
using System.Runtime.Versioning;
using Chat.Tests.Compliance;
using Chat.Tests.Graph;
using Chat.Tools;

namespace Chat.Tests.Tools;

/// <summary>A command that Ctrl+C or SIGTERM ends.</summary>
public sealed class ToolInterruptTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("chat-interrupts-").FullName;

    public static bool OnLinux => OperatingSystem.IsLinux();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("audit --last 1h", "")]
    [InlineData("erase --organization 456e7890-e89b-12d3-a456-426614174000 --recipient +5511987654321", "run it again")]
    [InlineData("erase --organization 456e7890-e89b-12d3-a456-426614174000 --recipient +5511987654321 --dry-run", "")]
    public async Task It_says_so_in_a_line_and_ends_with_130(string command, string advice)
    {
        using var folder = new EmbeddedFolder();
        folder.OpenLog();
        folder.OpenStore();
        folder.Close();
        var (output, error) = (new StringWriter(), new StringWriter());

        var code = await ToolProgram.RunUntilAsync([.. command.Split(' '), "--data", folder.Path], output, error, new(canceled: true));

        Assert.Equal((130, "Interrupted."), (code, error.ToString().Trim()));
        if (advice.Length == 0) Assert.Empty(output.ToString());
        else Assert.Contains(advice, output.ToString(), StringComparison.Ordinal);
    }

    [SupportedOSPlatform("linux")]
    [Theory(Skip = "Sends signals.", SkipUnless = nameof(OnLinux))]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task Mutants_copy_is_gone_where_it_was_interrupted_while_it_was_made(string signal)
    {
        var repository = Directory.CreateDirectory(Path.Combine(_folder, "repository")).FullName;
        var temporary = Directory.CreateDirectory(Path.Combine(_folder, "temporary")).FullName;
        var (begun, go) = (Path.Combine(_folder, "begun"), Path.Combine(_folder, "go"));
        await GitAsync(repository, "init", "--quiet");
        await File.WriteAllTextAsync(Path.Combine(repository, "A.cs"), "return a < b;", Cancellation);
        await GitAsync(repository, "add", "A.cs");
        await GitAsync(repository, "-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "--quiet", "--message", "One");
        // What takes long in a large repository.
        var hook = Path.Combine(repository, ".git", "hooks", "post-checkout");
        Directory.CreateDirectory(Path.GetDirectoryName(hook)!);
        await File.WriteAllTextAsync(hook, $"#!/bin/sh\nmkfifo '{go}'\n: > '{begun}'\nread line < '{go}'\n", Cancellation);
        File.SetUnixFileMode(hook, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        using var program = new SignalledProgram(
            "Chat.Tools", ["mutate", "A.cs", "--tests", "None"], repository, ("TMPDIR", temporary), ("GIT_CONFIG_GLOBAL", "/dev/null"));
        await Until.TrueAsync(() => File.Exists(begun) || program.HasExited, "git makes the copy");
        await program.SendAsync(signal);
        using var release = Process.Start("sh", ["-c", $"echo > '{go}'"]);
        var (code, _, error) = await program.WaitAsync();
        release.Kill(); // nobody reads where git was ended

        Assert.Equal((130, "Interrupted."), (code, error.Trim()));
        Assert.DoesNotContain(Directory.EnumerateDirectories(temporary), d => d.Contains("chat-mutants-", StringComparison.Ordinal));
        Assert.Single((await GitAsync(repository, "worktree", "list")).Trim().Split('\n'));
    }

    private static async Task<string> GitAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true };
        start.Environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
        using var git = Process.Start(start)!;
        var output = await git.StandardOutput.ReadToEndAsync(Cancellation);
        await git.WaitForExitAsync(Cancellation);
        return git.ExitCode == 0 ? output : throw new InvalidOperationException($"git ended with {git.ExitCode}.");
    }
}
