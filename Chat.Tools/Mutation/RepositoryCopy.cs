using System.Diagnostics;

namespace Chat.Tools.Mutation;

/// <summary>
/// The last commit in a folder of its own (a git worktree), so that a run that is interrupted leaves no mistake in the files that
/// somebody works on. Gone once disposed.
/// </summary>
internal sealed class RepositoryCopy : IAsyncDisposable
{
    private readonly string _repository;
    private readonly string _folder;

    private RepositoryCopy(string repository, string folder) => (_repository, _folder) = (repository, folder);

    /// <exception cref="ArgumentException">A file is not in the last commit as it is on disk.</exception>
    public static async Task<RepositoryCopy> CreateAsync(IReadOnlyList<string> files, CancellationToken cancellationToken)
    {
        var repository = (await GitAsync(".", ["rev-parse", "--show-toplevel"], cancellationToken)).Trim();
        foreach (var file in files)
        {
            if ((await GitAsync(repository, ["ls-files", "--", file], cancellationToken)).Trim() != file)
                throw new ArgumentException($"{file} is no file of the repository; name it from the repository's root.");
            if ((await GitAsync(repository, ["status", "--porcelain", "--", file], cancellationToken)).Length > 0)
                throw new ArgumentException($"{file} has changes that are not committed; mutants are made of the last commit.");
        }
        cancellationToken.ThrowIfCancellationRequested();
        var copy = new RepositoryCopy(repository, Path.Combine(Directory.CreateTempSubdirectory("chat-mutants-").FullName, "chat"));
        try
        {
            // Not half of one: git would still know it.
            await GitAsync(repository, ["worktree", "add", "--detach", copy._folder, "HEAD"], CancellationToken.None);
            return copy;
        }
        catch
        {
            // A terminal's Ctrl+C has ended git too, or its disk is full. Git removes what it knows of it, where it does.
            await copy.RemoveAsync();
            throw;
        }
    }

    public string Read(string file) => File.ReadAllText(Path.Combine(_folder, file));

    public void Write(string file, string text) => File.WriteAllText(Path.Combine(_folder, file), text);

    public Task<CommandResult> BuildAsync(CancellationToken cancellationToken) =>
        RunAsync(_folder, "dotnet", ["build", "Chat.Tests", "-p:RunAnalyzers=false", "--nologo", "-v:quiet"], null, cancellationToken);

    public Task<CommandResult> TestAsync(string filter, TimeSpan timeout, CancellationToken cancellationToken) =>
        RunAsync(_folder, "dotnet", ["test", "Chat.Tests", "--no-build", "--nologo", "--filter", filter], timeout, cancellationToken);

    public async ValueTask DisposeAsync() => OutputOf(RemoveArguments, await RemoveAsync());

    private string[] RemoveArguments => ["worktree", "remove", "--force", _folder];

    /// <summary>Git's answer; the folder goes, whatever that is.</summary>
    private async Task<CommandResult> RemoveAsync()
    {
        try
        {
            return await RunAsync(_repository, "git", RemoveArguments, null, CancellationToken.None);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(_folder)!, recursive: true);
        }
    }

    private static async Task<string> GitAsync(string folder, string[] arguments, CancellationToken cancellationToken) =>
        OutputOf(arguments, await RunAsync(folder, "git", arguments, null, cancellationToken));

    private static string OutputOf(string[] arguments, CommandResult result) => result.ExitCode == 0
        ? result.Output
        : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {result.Output}");

    private static async Task<CommandResult> RunAsync(
        string folder, string program, string[] arguments, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (timeout is { } longest) end.CancelAfter(longest);
        try
        {
            // By the process' end and not by the streams': a build server that it started may hold these open.
            var (output, error) = (process.StandardOutput.ReadToEndAsync(end.Token), process.StandardError.ReadToEndAsync(end.Token));
            await process.WaitForExitAsync(end.Token);
            // What it ended with says nothing then: a terminal's Ctrl+C goes to it too.
            cancellationToken.ThrowIfCancellationRequested();
            return new(process.ExitCode, await output + await error);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new(null, "");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}

/// <param name="ExitCode">Null where the time was up.</param>
internal sealed record CommandResult(int? ExitCode, string Output);
