using System.Globalization;
using System.Text;
using Chat.Core;
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

    /// <exception cref="StartUpException">
    /// The folder is in use by another process or can't be written; the message names the folder and the setting.
    /// </exception>
    public DataFolder(IOptions<EmbeddedOptions> options, ILogger<DataFolder> logger)
    {
        _logger = logger;
        Path = System.IO.Path.GetFullPath(options.Value.DataFolder);
        if (System.IO.File.Exists(Path)) throw FileFault.NoFolder.At(Path);
        try
        {
            PrivateFiles.CreateFolder(Path);
            _lock = Lock();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw FileFault.Of(exception).At(Path, exception);
        }
        TightenFiles();
    }

    public string Path { get; }

    /// <summary>A file in the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => _lock.Dispose();

    // Who has it is written in it; that it can be written shows a full disk before anything else is begun.
    private FileStream Lock()
    {
        var file = PrivateFiles.Open(File(LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            file.Write(Encoding.ASCII.GetBytes(Environment.ProcessId.ToString(CultureInfo.InvariantCulture)));
            file.SetLength(file.Position);
            file.Flush(flushToDisk: true);
            return file;
        }
        catch
        {
            try
            {
                file.Dispose();
            }
            catch (IOException)
            {
                // What could not be written is tried again by it.
            }
            throw;
        }
    }

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
}
