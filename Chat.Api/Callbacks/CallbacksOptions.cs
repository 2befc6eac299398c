using System.ComponentModel.DataAnnotations;
using Chat.Core.Channels;
using Chat.Engines.Selection;
using Chat.ServiceDefaults;
using Microsoft.Extensions.Options;

namespace Chat.Api.Callbacks;

/// <summary>Status callbacks of connectors: section <c>Callbacks</c>.</summary>
public sealed class CallbacksOptions : IValidatableObject
{
    public const string Section = CallbackSettings.Section;

    /// <summary>The file of the data folder that keeps the key which was made at the first start.</summary>
    public const string KeyFile = "callbacks.key";

    private const int MinKeyLength = 16;

    /// <summary>The bearer key of connectors, at least 16 characters. Null or empty refuses every callback.</summary>
    public string? Key { get; set; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Key is { Length: > 0 and < MinKeyLength })
            yield return new($"Callbacks:Key has {Key.Length} characters; it needs at least {MinKeyLength}.", [nameof(Key)]);
    }
}

/// <summary>Makes the key of an installation with a data folder of its own.</summary>
internal sealed class CallbacksOptionsSetup(IConfiguration configuration) : IPostConfigureOptions<CallbacksOptions>
{
    public void PostConfigure(string? name, CallbacksOptions options)
    {
        if (string.IsNullOrEmpty(options.Key) && configuration[EngineSelection.DataFolderSetting] is { Length: > 0 } folder)
        {
            options.Key = LocalSecret.ReadOrMake(folder, CallbacksOptions.KeyFile);
        }
    }
}
