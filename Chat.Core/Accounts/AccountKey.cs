namespace Chat.Core.Accounts;

/// <summary>One account of an organization's at a provider.</summary>
/// <param name="Channel">See <see cref="Channels.ChannelCatalog"/>.</param>
/// <param name="AccountId">
/// The provider's stable id, the one its webhooks name: WhatsApp's <c>phone_number_id</c>, Instagram's <c>1784…</c>. Never the number that
/// people see, which providers format as they like.
/// </param>
public readonly record struct AccountKey(string Channel, string AccountId)
{
    /// <summary>Of <see cref="AccountId"/>, in UTF-16 code units.</summary>
    public const int MaxId = 64;

    /// <summary>Whether a text may be an account's id: digits, as every provider's here are.</summary>
    public static bool IsId(string? text) => text is { Length: > 0 and <= MaxId } && text.All(char.IsAsciiDigit);

    /// <summary>For logs: ids are no secrets.</summary>
    public override string ToString() => $"{Channel} {AccountId}";
}
