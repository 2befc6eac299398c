using Chat.Core.Channels;
using Microsoft.Extensions.Configuration;

namespace Chat.ServiceDefaults;

/// <summary>The bearer keys of status callbacks, as the API and the connectors read them.</summary>
public static class CallbackKeys
{
    /// <summary>
    /// A channel's keys, from <c>Callbacks:Keys:{channel}</c> or its children <c>:0</c>, <c>:1</c>; those that are empty are none. The
    /// first is the one to send.
    /// </summary>
    public static IReadOnlyList<string> Read(IConfiguration configuration, string channel)
    {
        var section = configuration.GetSection(CallbackSettings.KeysOf(channel));
        return [.. section.GetChildren().Select(c => c.Value).Prepend(section.Value).OfType<string>().Where(k => k.Length > 0)];
    }
}
