using System.Buffers.Text;
using System.Text;
using Chat.Core.Bus;

namespace Chat.Engines.Redis.Subscriber;

/// <summary>The names of the channels at the server: a prefix, and the conversation's id.</summary>
/// <param name="prefix">What comes before <c>status:</c>.</param>
internal sealed class ChannelNames(string prefix)
{
    private const int IdLength = 36;

    private readonly byte[] _prefix = Encoding.UTF8.GetBytes(prefix + StatusChannel.Prefix);

    public byte[] Of(Guid conversationId)
    {
        var name = new byte[_prefix.Length + IdLength];
        _prefix.CopyTo(name, 0);
        Utf8Formatter.TryFormat(conversationId, name.AsSpan(_prefix.Length), out _, 'D');
        return name;
    }

    /// <summary>Whose channel this is; false where it is nobody's.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out Guid conversationId)
    {
        conversationId = default;
        return name.Length == _prefix.Length + IdLength
            && name.StartsWith(_prefix)
            && Utf8Parser.TryParse(name[_prefix.Length..], out conversationId, out var used, 'D')
            && used == IdLength;
    }
}
