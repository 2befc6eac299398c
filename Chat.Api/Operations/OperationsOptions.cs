namespace Chat.Api.Operations;

/// <summary>The operator's view: section <c>Operations</c>.</summary>
public sealed class OperationsOptions
{
    public const string Section = "Operations";

    /// <summary>
    /// Whether there is one. Without it nothing listens to the instruments for it, and its addresses are answered 404, whatever the token.
    /// </summary>
    public bool Enabled { get; set; } = true;
}
