using System.Buffers.Text;
using System.Security.Cryptography;

namespace Chat.ServiceDefaults;

/// <summary>
/// A secret that this installation made for itself at its first start, kept in a file of the data folder that only its user can
/// read.
/// </summary>
public static class LocalSecret
{
    private const int Bytes = 32;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>
    /// The secret in the file, made where it isn't there: 43 characters of base64url, from 256 random bits. Two processes that
    /// start at once agree: the first file stays.
    /// </summary>
    /// <exception cref="IOException">The file can't be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file can't be read or written.</exception>
    public static string ReadOrMake(string dataFolder, string fileName)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(dataFolder);
        else Directory.CreateDirectory(dataFolder, OwnerOnly | UnixFileMode.UserExecute);
        var path = Path.Combine(dataFolder, fileName);
        if (!File.Exists(path)) Make(path);
        return File.ReadAllText(path).Trim();
    }

    private static void Make(string path)
    {
        // Written aside and moved, so that a crash leaves no half of a key behind.
        var draft = $"{path}.{Path.GetRandomFileName()}";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerOnly;
        try
        {
            using (var stream = new FileStream(draft, options))
            {
                stream.Write(Base64Url.EncodeToUtf8(RandomNumberGenerator.GetBytes(Bytes)));
                stream.Flush(flushToDisk: true);
            }
            File.Move(draft, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first.
        }
        finally
        {
            File.Delete(draft);
        }
    }
}
