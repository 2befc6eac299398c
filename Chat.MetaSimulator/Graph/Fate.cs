namespace Chat.MetaSimulator.Graph;

/// <summary>What becomes of an answer.</summary>
public enum Fate
{
    /// <summary>It arrives.</summary>
    Answered,

    /// <summary>The connection is cut.</summary>
    Reset,

    /// <summary>The connection stays open without a word.</summary>
    Silence,
}
