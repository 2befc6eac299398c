using System.Buffers.Text;
using System.Diagnostics;
using System.Security.Cryptography;
using Chat.Core;
using Chat.Core.Files;

namespace Chat.ServiceDefaults;

/// <summary>
/// A secret that this installation made for itself at its first start, kept in a file of the data folder that only its user can
/// read.
/// </summary>
public static class LocalSecret
{
    private const int Bytes = 32;
    private const int Characters = 43;

    // From the making of the file to its 43 characters it is a moment.
    private static readonly TimeSpan LongestWrite = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    /// <summary>
    /// The secret in the file, made where it isn't there: 43 characters of base64url, from 256 random bits. Processes that start
    /// at once agree: the one that creates the file writes it, all others read it.
    /// </summary>
    /// <exception cref="StartUpException">The file holds no secret; the message names it.</exception>
    /// <exception cref="IOException">The file can't be read or written.</exception>
    /// <exception cref="UnauthorizedAccessException">The file can't be read or written.</exception>
    public static string ReadOrMake(string dataFolder, string fileName)
    {
        PrivateFiles.CreateFolder(dataFolder);
        var path = Path.GetFullPath(Path.Combine(dataFolder, fileName));
        if (!File.Exists(path)) Make(path);
        else PrivateFiles.Tighten(path);
        return Read(path);
    }

    private static void Make(string path)
    {
        FileStream stream;
        try
        {
            stream = PrivateFiles.Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first.
            return;
        }
        try
        {
            using (stream)
            {
                stream.Write(Base64Url.EncodeToUtf8(RandomNumberGenerator.GetBytes(Bytes)));
                stream.Flush(flushToDisk: true);
            }
        }
        catch (IOException)
        {
            // A full disk: what is left would be taken for a secret that another process is about to write.
            File.Delete(path);
            throw;
        }
    }

    private static string Read(string path)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            using (var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)))
            {
                var secret = reader.ReadToEnd().Trim();
                if (secret.Length >= Characters) return secret;
            }
            if (Stopwatch.GetElapsedTime(started) > LongestWrite)
            {
                throw new StartUpException($"{path} holds no secret: delete it, and the next start makes a new one.");
            }
            Thread.Sleep(Pause);
        }
    }
}
