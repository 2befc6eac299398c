using System.Buffers;
using System.Globalization;
using System.Text;

namespace Chat.Engines.Redis.Subscriber;

/// <summary>Writes commands as a server reads them.</summary>
internal static class RespCommands
{
    /// <summary>Writes a command of these words.</summary>
    public static void Write(IBufferWriter<byte> into, params ReadOnlySpan<string> words)
    {
        Begin(into, words.Length);
        foreach (var word in words) WriteWord(into, Encoding.UTF8.GetBytes(word));
    }

    /// <summary>Writes a command whose words after the first are the names of channels.</summary>
    public static void Write(IBufferWriter<byte> into, string verb, IReadOnlyList<Guid> channels, ChannelNames names)
    {
        Begin(into, 1 + channels.Count);
        WriteWord(into, Encoding.UTF8.GetBytes(verb));
        foreach (var channel in channels) WriteWord(into, names.Of(channel));
    }

    private static void Begin(IBufferWriter<byte> into, int words) => WriteNumber(into, (byte)'*', words);

    private static void WriteWord(IBufferWriter<byte> into, ReadOnlySpan<byte> word)
    {
        WriteNumber(into, (byte)'$', word.Length);
        into.Write(word);
        into.Write("\r\n"u8);
    }

    private static void WriteNumber(IBufferWriter<byte> into, byte kind, int number)
    {
        var bytes = into.GetSpan(16);
        bytes[0] = kind;
        number.TryFormat(bytes[1..], out var digits, provider: CultureInfo.InvariantCulture);
        "\r\n"u8.CopyTo(bytes[(1 + digits)..]);
        into.Advance(digits + 3);
    }
}
