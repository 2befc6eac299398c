using Chat.AppHost.Containers;

namespace Chat.Tests.Aspire;

/// <summary>The graph on containers: Kafka, Redis and Cassandra, and two replicas of what scales.</summary>
public sealed class ContainersChatGraph : AppHostChatGraph
{
    private readonly string _volumes = $"chat-test-{Guid.NewGuid():N}";

    public override string JwtKey
    {
        get
        {
            SkipWhereItCantRun();
            return "the key of the AppHost's graph tests, which is long enough for HS256";
        }
    }

    public override string CallbackKey => "the callback key of the AppHost's graph tests";

    // Images that are pulled for the first time take minutes.
    protected override TimeSpan StartTimeout => TimeSpan.FromMinutes(10);

    protected override string[] Arguments =>
    [
        "--Engines=containers", $"--Volumes:Prefix={_volumes}",
        $"--Parameters:jwt-key={JwtKey}", $"--Parameters:callbacks-key-whatsapp={CallbackKey}",
    ];

    protected override IReadOnlyList<string> Services => ContainersModel.Services;

    protected override IReadOnlyList<string> Servers => ContainersModel.Servers;

    protected override string Api => "chat-api";

    protected override async Task<bool> CanRunAsync() => Feed.IsFull && await Containers.AnswerAsync();

    protected override async Task DeleteDataAsync()
    {
        foreach (var server in (string[])["kafka", "cassandra"]) await Containers.RemoveVolumeAsync($"{_volumes}-{server}");
    }

    protected override void SkipWhereItCantRun() => Assert.SkipUnless(
        CanRun, "The graph on containers needs the full package feed, and a container runtime that answers (Docker or Podman).");
}
