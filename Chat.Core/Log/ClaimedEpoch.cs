namespace Chat.Core.Log;

/// <summary>An epoch of a topic's numbers, and what it was claimed for.</summary>
public sealed record ClaimedEpoch(int Number, string Identity);
