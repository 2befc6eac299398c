namespace Chat.Core.Providers;

/// <summary>A provider's own id of a message: ids of one channel are nothing to another.</summary>
public readonly record struct ProviderId(string Channel, string Id);
