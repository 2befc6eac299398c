namespace Chat.Client.Protocol;

/// <summary>What the codes of a close mean: 4000 to 4499, come back (with back-off); 4500 to 4999, don't.</summary>
public static class CloseCodes
{
    /// <summary>The client closes of its own will.</summary>
    public const int Normal = 1000;

    /// <summary>The connection broke, without a close.</summary>
    public const int Broken = 1006;

    /// <summary>Whether the server says that trying again can't help.</summary>
    public static bool IsFinal(int? code) => code is >= 4500 and <= 4999;
}
