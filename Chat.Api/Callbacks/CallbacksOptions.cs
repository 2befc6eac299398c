using System.ComponentModel.DataAnnotations;
using System.Text;
using Chat.Core.Channels;
using Chat.Engines.Selection;
using Chat.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Chat.Api.Callbacks;

/// <summary>Status callbacks of connectors: section <c>Callbacks</c>.</summary>
public sealed class CallbacksOptions : IValidatableObject
{
    public const string Section = CallbackSettings.Section;

    /// <summary>The file of the data folder that keeps the key of all channels, made at the first start in Development.</summary>
    public const string KeyFile = "callbacks.key";

    private const int MinKeyBytes = 32;

    /// <summary>A bearer key for all channels, in Development only; at least 32 bytes in UTF-8.</summary>
    public string? Key { get; set; }

    /// <summary>
    /// The bearer keys of each channel, by its name, from <c>Callbacks:Keys:{channel}</c> or its children <c>:0</c>, <c>:1</c>: several
    /// at once, so that a key can be changed. At least 32 bytes in UTF-8 each; a channel without any refuses its callbacks.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> ChannelKeys { get; internal set; } =
        new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>Whether <see cref="Key"/> may be set: in Development alone.</summary>
    internal bool AllowsKeyOfAllChannels { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Key is { Length: > 0 } key)
        {
            if (!AllowsKeyOfAllChannels)
            {
                yield return new(
                    $"{CallbackSettings.Key} opens every channel, and is taken in Development only. "
                    + $"Set {CallbackSettings.KeysOf("<channel>")} for each channel.",
                    [nameof(Key)]);
            }
            if (IsShort(key)) yield return Short(CallbackSettings.Key, key);
        }
        var seen = new Dictionary<string, string>();
        foreach (var (channel, keys) in ChannelKeys)
        {
            var setting = CallbackSettings.KeysOf(channel);
            if (ChannelCatalog.Find(channel) is null)
            {
                var known = string.Join(", ", ChannelCatalog.Names);
                yield return new($"{setting}: there is no such channel, only {known}", [nameof(ChannelKeys)]);
            }
            foreach (var one in keys)
            {
                if (IsShort(one)) yield return Short(setting, one);
                if (seen.TryGetValue(one, out var other) && other != channel)
                {
                    yield return new(
                        $"{setting} is {CallbackSettings.KeysOf(other)} too: a key is for one channel.", [nameof(ChannelKeys)]);
                }
                seen[one] = channel;
            }
        }
    }

    private static bool IsShort(string key) => Encoding.UTF8.GetByteCount(key) < MinKeyBytes;

    private static ValidationResult Short(string setting, string key) =>
        new($"{setting} has {Encoding.UTF8.GetByteCount(key)} bytes; it needs at least {MinKeyBytes}.", [setting]);
}

/// <summary>Reads the keys of the channels, and makes those of an installation with a data folder of its own.</summary>
internal sealed class CallbacksOptionsSetup(IConfiguration configuration, IHostEnvironment environment)
    : IPostConfigureOptions<CallbacksOptions>
{
    public void PostConfigure(string? name, CallbacksOptions options)
    {
        options.AllowsKeyOfAllChannels = environment.IsDevelopment();
        var keys = configuration.GetSection(CallbackSettings.Keys).GetChildren()
            .ToDictionary(c => c.Key.ToLowerInvariant(), c => CallbackKeys.Read(configuration, c.Key));
        options.ChannelKeys = keys;
        if (configuration[EngineSelection.DataFolderSetting] is not { Length: > 0 } folder) return;
        if (options.AllowsKeyOfAllChannels)
        {
            if (string.IsNullOrEmpty(options.Key)) options.Key = LocalSecret.ReadOrMake(folder, CallbacksOptions.KeyFile);
            return;
        }
        foreach (var channel in ChannelCatalog.Names)
        {
            if (!keys.TryGetValue(channel, out var known) || known.Count == 0)
                keys[channel] = [LocalSecret.ReadOrMake(folder, $"callbacks.{channel}.key")];
        }
    }
}
