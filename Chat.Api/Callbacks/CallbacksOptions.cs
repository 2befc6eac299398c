using Chat.Core.Channels;
using Chat.Engines.Embedded;
using Chat.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Chat.Api.Callbacks;

/// <summary>Status callbacks of connectors: section <c>Callbacks</c>.</summary>
public sealed class CallbacksOptions
{
    public const string Section = CallbackSettings.Section;

    /// <summary>The file of the data folder that keeps the key which was made at the first start.</summary>
    public const string KeyFile = "callbacks.key";

    /// <summary>The bearer key of connectors. Null refuses every callback.</summary>
    public string? Key { get; set; }
}

/// <summary>Makes the key of an installation with a data folder of its own.</summary>
internal sealed class CallbacksOptionsSetup(IConfiguration configuration) : IPostConfigureOptions<CallbacksOptions>
{
    public void PostConfigure(string? name, CallbacksOptions options)
    {
        if (string.IsNullOrEmpty(options.Key) && configuration[EmbeddedOptions.DataFolderSetting] is { Length: > 0 } folder)
        {
            options.Key = LocalSecret.ReadOrMake(folder, CallbacksOptions.KeyFile);
        }
    }
}
