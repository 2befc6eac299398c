using Chat.Core.Log;

namespace Chat.RouterWorker.Routing;

/// <summary>The epochs of <c>messages</c>, whose numbers are the messages' positions.</summary>
public sealed class MessageEpochs(IEventLog log, IEpochStore epochs, TimeProvider time, ILogger<MessageEpochs> logger)
    : TopicEpochs(Topics.Messages, log, epochs, time, logger);
