namespace Chat.Core.Log;

/// <summary>Two logs work on one store, and this one came before the other: it may number nothing any more.</summary>
public sealed class EpochConflictException(string identity, ClaimedEpoch latest) : Exception(
    $"{identity} was superseded by epoch {latest.Number} of {latest.Identity}: two logs work on one store.");
