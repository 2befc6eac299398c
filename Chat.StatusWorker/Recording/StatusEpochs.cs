using Chat.Core.Log;

namespace Chat.StatusWorker.Recording;

/// <summary>The epochs of <c>msg.status</c>, whose numbers are those of the changes.</summary>
public sealed class StatusEpochs(IEventLog log, IEpochStore epochs, TimeProvider time, ILogger<StatusEpochs> logger)
    : TopicEpochs(Topics.Status, log, epochs, time, logger);
