using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Chat.MetaSimulator.Accounts;

/// <summary>An app of a developer's: it gets the webhooks of the accounts that it is subscribed to.</summary>
/// <param name="Name">How the control API names it.</param>
/// <param name="Secret">Signs its webhooks.</param>
/// <param name="Callback">Where they go; null for nowhere.</param>
public sealed record MetaApp(string Name, string Secret, Uri? Callback)
{
    /// <summary>The digits that Graph's answers name it by.</summary>
    public string Id { get; } = (BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(Name))) % 1_000_000_000_000_000)
        .ToString("D15", CultureInfo.InvariantCulture);
}
