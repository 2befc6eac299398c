namespace Chat.MetaSimulator.World;

/// <summary>What becomes of a message to somebody whom nobody added.</summary>
public sealed record NewPeople
{
    /// <summary>Whether there is such a person; if not, the message is undeliverable.</summary>
    public bool Exist { get; init; } = true;

    /// <summary>Whether every chat counts as open, so that all is read.</summary>
    public bool ReadAtOnce { get; init; }

    /// <summary>Whether the person wrote just before, so that the business may answer.</summary>
    public bool HaveWritten { get; init; }
}
