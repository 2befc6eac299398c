using Chat.ServiceDefaults;

namespace Chat.Tests.Aspire;

/// <summary>The embedded graph under the AppHost: one process, no container.</summary>
public sealed class EmbeddedChatGraph() : LocalChatGraph([]);

/// <summary>The same with a simulated Meta and the customer's phone as a process beside it.</summary>
public sealed class PhoneChatGraph() : LocalChatGraph(["--Phone=true"])
{
    private const string PhoneName = "phone";

    /// <summary>Where the phone's pages are.</summary>
    public Uri Phone => AddressOf(PhoneName);

    protected override IReadOnlyList<string> Services => [PhoneName, .. base.Services];

    protected override string HealthOf(string service) => service == PhoneName ? "/simulator" : base.HealthOf(service);
}

/// <summary>Whatever the AppHost runs on the embedded engines, with a data folder of its own.</summary>
public abstract class LocalChatGraph(string[] more) : AppHostChatGraph
{
    private readonly string _dataFolder = Path.Combine(Path.GetTempPath(), $"chat-apphost-{Guid.NewGuid():N}");

    // It makes its keys at the first start, and nobody tells it others.
    public override string JwtKey => LocalSecret.ReadOrMake(_dataFolder, "jwt.key");

    public override string CallbackKey => LocalSecret.ReadOrMake(_dataFolder, "callbacks.key");

    protected override TimeSpan StartTimeout => TimeSpan.FromMinutes(2);

    protected override string[] Arguments => ["--Engines=embedded", $"--Embedded:DataFolder={_dataFolder}", .. more];

    protected override IReadOnlyList<string> Services => ["chat"];

    protected override string Api => "chat";

    protected override Task<bool> CanRunAsync() => Task.FromResult(true);

    protected override Task DeleteDataAsync()
    {
        Directory.Delete(_dataFolder, recursive: true);
        return Task.CompletedTask;
    }

    protected override void SkipWhereItCantRun()
    {
        // Everywhere.
    }
}
