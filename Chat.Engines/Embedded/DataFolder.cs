using Chat.Core.Files;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Chat.Engines.Embedded;

/// <summary>
/// The folder that the embedded engines keep their files in, held by this process alone for as long as it lives: the operating
/// system lets the lock go with the process, however it ends. Its files are this user's alone, also where the folder is not.
/// </summary>
public sealed partial class DataFolder : IDisposable
{
    private const string LockFile = "lock";

    // Databases, what SQLite writes beside them, keys, and the lock.
    private static readonly string[] Files = ["*.db", "*.db-*", "*.key", LockFile];

    private readonly ILogger<DataFolder> _logger;

    private readonly FileStream _lock;

    /// <exception cref="InvalidOperationException">
    /// The folder is in use by another process or can't be written; the message names the folder and the setting.
    /// </exception>
    public DataFolder(IOptions<EmbeddedOptions> options, ILogger<DataFolder> logger)
    {
        _logger = logger;
        Path = System.IO.Path.GetFullPath(options.Value.DataFolder);
        try
        {
            PrivateFiles.CreateFolder(Path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(exception);
        }
        try
        {
            _lock = PrivateFiles.Open(File(LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (UnauthorizedAccessException exception)
        {
            throw Unusable(exception);
        }
        catch (IOException exception)
        {
            throw new InvalidOperationException(
                $"The data folder {Path} is in use by another process. Stop that one, or give this one a folder of its own "
                + $"by the setting {EmbeddedOptions.DataFolderSetting}.",
                exception);
        }
        TightenFiles();
    }

    public string Path { get; }

    /// <summary>A file in the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => _lock.Dispose();

    // What an older version made, or was copied here.
    private void TightenFiles()
    {
        var (tightened, others) = (new List<string>(), new List<string>());
        foreach (var file in Files.SelectMany(pattern => Directory.EnumerateFiles(Path, pattern)))
        {
            try
            {
                if (PrivateFiles.Tighten(file)) tightened.Add(System.IO.Path.GetFileName(file));
            }
            catch (UnauthorizedAccessException)
            {
                others.Add(System.IO.Path.GetFileName(file));
            }
        }
        if (tightened.Count > 0) LogTightened(Path, tightened);
        if (others.Count > 0) LogNotTightened(Path, others);
    }

    [LoggerMessage(
        EventId = LogEvents.FilesTightened,
        Level = LogLevel.Warning,
        Message = "Other users could read files of the data folder {Folder}: {Files}; now only this one can")]
    private partial void LogTightened(string folder, IEnumerable<string> files);

    [LoggerMessage(
        EventId = LogEvents.FilesNotTightened,
        Level = LogLevel.Warning,
        Message = "Other users may read files of the data folder {Folder}, and this one does not own them: {Files}")]
    private partial void LogNotTightened(string folder, IEnumerable<string> files);

    private InvalidOperationException Unusable(Exception exception) => new(
        $"The data folder {Path} can't be written ({exception.Message}). The setting {EmbeddedOptions.DataFolderSetting} names it.",
        exception);
}
