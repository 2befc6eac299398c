using Chat.Core;
using Chat.Engines.Embedded;
using Chat.Engines.Selection;
using Chat.ServiceDefaults;
using Chat.Standalone;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Chat.Tests.Engines;

/// <summary>What is wrong with the data folder is said at the start in a line: where, what, and what to do.</summary>
public sealed class StartUpCauseTests : IDisposable
{
    // A page: the lock file takes it, and the next file finds none.
    private const int OnePage = 4096;

    private readonly string _path = Path.Combine(Path.GetTempPath(), $"chat-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_path)) Directory.Delete(_path, recursive: true);
        if (File.Exists(_path)) File.Delete(_path);
    }

    [Fact]
    public async Task A_file_in_the_folders_place()
    {
        await File.WriteAllTextAsync(_path, "", Cancellation);

        await StartsSayingAsync(_path, _path, "a file, and no folder");
    }

    [Fact]
    public async Task A_file_above_the_folder()
    {
        await File.WriteAllTextAsync(_path, "", Cancellation);

        var folder = Path.Combine(_path, "data");
        await StartsSayingAsync(folder, folder, "");
    }

    [Theory]
    [InlineData("log.db")]
    [InlineData("store.db")]
    public async Task A_damaged_file(string name)
    {
        Directory.CreateDirectory(_path);
        var file = Path.Combine(_path, name);
        await File.WriteAllTextAsync(file, new string('x', 10_000), Cancellation);

        await StartsSayingAsync(_path, file, "a damaged file, or no database");
    }

    [Theory]
    [InlineData("log.db")]
    [InlineData("store.db")]
    public async Task A_page_that_is_damaged(string name)
    {
        await StartOnceAsync();
        var file = Path.Combine(_path, name);
        // The tables' own list, which is read first.
        await using (var stream = new FileStream(file, FileMode.Open))
        {
            stream.Seek(100, SeekOrigin.Begin);
            stream.Write(new byte[3_900]);
        }

        await StartsSayingAsync(_path, file, "a damaged file, or no database");
    }

    [Theory]
    [InlineData("log.db")]
    [InlineData("store.db")]
    public async Task A_folder_in_a_files_place(string name)
    {
        var file = Path.Combine(_path, name);
        Directory.CreateDirectory(file);

        await StartsSayingAsync(_path, file, "a folder, and no file");
    }

    [Theory]
    [InlineData("log.db")]
    [InlineData("store.db")]
    public async Task A_file_that_a_newer_program_wrote(string name)
    {
        Directory.CreateDirectory(_path);
        var file = Path.Combine(_path, name);
        await using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            connection.Open();
            await using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA user_version = 999";
            command.ExecuteNonQuery();
        }

        await StartsSayingAsync(_path, file, "of schema version 999", "Start the newer program that wrote it");
    }

    [Fact]
    public async Task Another_process()
    {
        using var first = Build(_path);
        await first.StartAsync(Cancellation);

        await StartsSayingAsync(_path, _path, "in use by another process", "Stop that one");
        await first.StopAsync(Cancellation);
    }

    [Fact]
    public async Task A_read_only_disk()
    {
        using var disk = Mount(1 << 20);
        disk.MakeReadOnly();

        await StartsSayingAsync(disk.Path, disk.Path, "read-only", "Let this user write there");
    }

    [Theory]
    [InlineData(OnePage, "")]
    [InlineData(10 * OnePage, "log.db")]
    public async Task A_full_disk(int bytes, string file)
    {
        using var disk = Mount(bytes);
        // Not even the lock file has room then.
        if (file == "") await File.WriteAllBytesAsync(Path.Combine(disk.Path, "other"), new byte[OnePage], Cancellation);

        await StartsSayingAsync(disk.Path, Path.Combine(disk.Path, file), "disk full", "Make room on that disk");
    }

    [Fact]
    public async Task A_disk_too_full_for_the_secret_that_is_made_at_the_first_start()
    {
        using var disk = Mount(OnePage);
        var other = Path.Combine(disk.Path, "other");
        await File.WriteAllBytesAsync(other, new byte[OnePage], Cancellation);

        var error = Assert.Throws<IOException>(() => LocalSecret.ReadOrMake(disk.Path, "a.key"));

        Assert.Contains("No space left", StartUpError.Explain(error), StringComparison.Ordinal);
        Assert.Contains(Path.Combine(disk.Path, "a.key"), StartUpError.Explain(error), StringComparison.Ordinal);
        // Nothing is left that the next start would take for a secret.
        File.Delete(other);
        Assert.NotEmpty(LocalSecret.ReadOrMake(disk.Path, "a.key"));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static SmallDisk Mount(int bytes)
    {
        var disk = SmallDisk.TryMount(bytes);
        Assert.SkipWhen(disk is null, "This user may not mount a disk of its own.");
        return disk;
    }

    private async Task StartOnceAsync()
    {
        using var host = Build(_path);
        await host.StartAsync(Cancellation);
        await host.StopAsync(Cancellation);
    }

    private static async Task StartsSayingAsync(string folder, string place, params string[] parts)
    {
        using var host = Build(folder);

        var error = await Assert.ThrowsAsync<StartUpException>(() => host.StartAsync(Cancellation));

        var line = StartUpError.Explain(error);
        Assert.NotNull(line);
        Assert.StartsWith($"{place}: ", line, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', line);
        Assert.All([.. parts, EmbeddedOptions.DataFolderSetting], part => Assert.Contains(part, line, StringComparison.Ordinal));
    }

    private static IHost Build(string folder)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { [EmbeddedOptions.DataFolderSetting] = folder });
        builder.AddChatEngines();
        return builder.Build();
    }
}
