using System.Runtime.Versioning;
using Chat.Core.Log;
using Chat.Engines.Embedded;
using Chat.ServiceDefaults;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Compliance;

/// <summary>Who may read what the embedded engines keep: this user alone.</summary>
[UnsupportedOSPlatform("windows")]
public sealed class DataFolderTests : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode Everybody = OwnerOnly | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly EmbeddedFolder _folder = new();

    private string Path => _folder.Options.DataFolder;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_file_in_a_folder_that_all_may_look_into_is_its_owners_alone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        Directory.CreateDirectory(Path, Everybody | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);
        await UseAsync();
        LocalSecret.ReadOrMake(Path, "jwt.key");

        var files = Directory.GetFiles(Path).Select(f => new FileInfo(f)).ToArray();
        Assert.Superset(
            new HashSet<string> { "lock", "log.db", "log.db-wal", "log.db-shm", "store.db", "store.db-wal", "store.db-shm", "jwt.key" },
            files.Select(f => f.Name).ToHashSet());
        Assert.All(files, f => Assert.Equal((f.Name, OwnerOnly), (f.Name, Mode(f.FullName))));
    }

    [Fact]
    public async Task Files_that_were_looser_are_tightened_at_the_start_with_one_line_that_names_them()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        await UseAsync();
        LocalSecret.ReadOrMake(Path, "callbacks.key");
        _folder.Close();
        Loosen("log.db", "store.db", "callbacks.key");
        var other = System.IO.Path.Combine(Path, "notes.txt");
        await File.WriteAllTextAsync(other, "not ours", TestContext.Current.CancellationToken);
        File.SetUnixFileMode(other, Everybody);
        var logs = new FakeLogger<DataFolder>();

        using (new DataFolder(Options.Create(_folder.Options), logs))
        {
            foreach (var name in (string[])["log.db", "store.db", "callbacks.key"])
                Assert.Equal(OwnerOnly, Mode(System.IO.Path.Combine(Path, name)));
            Assert.Equal(Everybody, Mode(other));
            var line = Assert.Single(logs.Collector.GetSnapshot());
            foreach (var name in (string[])["log.db", "store.db", "callbacks.key"])
                Assert.Contains(name, line.Message, StringComparison.Ordinal);
        }
        logs.Collector.Clear();
        using var again = new DataFolder(Options.Create(_folder.Options), logs);
        Assert.Empty(logs.Collector.GetSnapshot());
    }

    [Fact]
    public void A_key_that_others_could_read_is_tightened_when_it_is_read()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no such modes.");
        var secret = LocalSecret.ReadOrMake(Path, "jwt.key");
        Loosen("jwt.key");

        Assert.Equal(secret, LocalSecret.ReadOrMake(Path, "jwt.key"));

        Assert.Equal(OwnerOnly, Mode(System.IO.Path.Combine(Path, "jwt.key")));
    }

    private async Task UseAsync()
    {
        _folder.OpenStore();
        await _folder.OpenLog().AppendAsync(new NewEvent("t", "k", "{}"u8.ToArray()), TestContext.Current.CancellationToken);
    }

    private void Loosen(params string[] names)
    {
        foreach (var name in names) File.SetUnixFileMode(System.IO.Path.Combine(Path, name), Everybody);
    }

    private static UnixFileMode Mode(string path) => File.GetUnixFileMode(path);
}
