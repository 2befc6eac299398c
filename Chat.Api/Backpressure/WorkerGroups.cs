using Chat.Core.Log;

namespace Chat.Api.Backpressure;

/// <summary>The consumer groups of the workers, by their own settings, so that the two agree.</summary>
internal static class WorkerGroups
{
    public static ConsumerGroup Router(IConfiguration configuration) =>
        new(configuration[ConsumerGroup.RouterWorkerSetting] ?? ConsumerGroup.RouterWorker, Topics.Messages);

    public static ConsumerGroup StatusWorker(IConfiguration configuration) =>
        new(configuration[ConsumerGroup.StatusWorkerSetting] ?? ConsumerGroup.StatusWorker, Topics.Status);
}
