using Chat.MetaSimulator.Accounts;

namespace Chat.MetaSimulator.Webhooks;

/// <summary>One POST to an app: the same bytes each time it is tried.</summary>
/// <param name="Due">Not before this time.</param>
/// <param name="Attempt">From 1.</param>
public sealed record Batch(MetaApp App, byte[] Body, int Updates, DateTimeOffset FirstDue, DateTimeOffset Due, int Attempt);
