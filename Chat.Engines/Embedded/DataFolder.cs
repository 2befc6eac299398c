using Microsoft.Extensions.Options;

namespace Chat.Engines.Embedded;

/// <summary>
/// The folder that the embedded engines keep their files in, held by this process alone for as long as it lives: the operating
/// system lets the lock go with the process, however it ends.
/// </summary>
public sealed class DataFolder : IDisposable
{
    private const string LockFile = "lock";

    private readonly FileStream _lock;

    /// <exception cref="InvalidOperationException">
    /// The folder is in use by another process or can't be written; the message names the folder and the setting.
    /// </exception>
    public DataFolder(IOptions<EmbeddedOptions> options)
    {
        Path = System.IO.Path.GetFullPath(options.Value.DataFolder);
        try
        {
            if (OperatingSystem.IsWindows()) Directory.CreateDirectory(Path);
            else Directory.CreateDirectory(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(exception);
        }
        try
        {
            _lock = new FileStream(File(LockFile), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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
    }

    public string Path { get; }

    /// <summary>A file in the folder.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    public void Dispose() => _lock.Dispose();

    private InvalidOperationException Unusable(Exception exception) => new(
        $"The data folder {Path} can't be written ({exception.Message}). The setting {EmbeddedOptions.DataFolderSetting} names it.",
        exception);
}
