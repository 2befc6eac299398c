using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Chat.Core.Accounts;

/// <summary>
/// Seals credentials for the store (AES-256-GCM) with a key that the store does not have. A sealed text opens for the account alone that it
/// was sealed for: copied into another account's row, it is refused.
/// </summary>
/// <param name="keys">
/// 32 bytes each. The first seals; all open, so that a key can be replaced: put the new one first, and take the old one away once every
/// account was written again.
/// </param>
public sealed class CredentialVault(IReadOnlyList<byte[]> keys)
{
    public const int KeyBytes = 32;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int NameBytes = 4;

    /// <summary>Whether there is a key to seal with.</summary>
    public bool CanSeal => keys.Count > 0;

    /// <summary>The name of the key (4 bytes), a nonce (12), a tag (16) and the ciphertext.</summary>
    /// <exception cref="InvalidOperationException">There is no key.</exception>
    public byte[] Seal(AccountKey account, AccountCredentials credentials)
    {
        if (keys is not [var key, ..]) throw new InvalidOperationException("There is no key to seal credentials with.");
        var plain = JsonSerializer.SerializeToUtf8Bytes(credentials, CredentialJson.Default.AccountCredentials);
        var all = new byte[NameBytes + NonceBytes + TagBytes + plain.Length];
        NameOf(key).CopyTo(all, 0);
        var nonce = all.AsSpan(NameBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key, TagBytes);
        cipher.Encrypt(
            nonce,
            plain,
            all.AsSpan(NameBytes + NonceBytes + TagBytes),
            all.AsSpan(NameBytes + NonceBytes, TagBytes),
            Context(account));
        CryptographicOperations.ZeroMemory(plain);
        return all;
    }

    /// <summary>The credentials; null where no key opens them, or they were sealed for another account or changed.</summary>
    public AccountCredentials? TryOpen(AccountKey account, ReadOnlySpan<byte> all)
    {
        if (all.Length <= NameBytes + NonceBytes + TagBytes) return null;
        foreach (var key in keys)
        {
            if (!all[..NameBytes].SequenceEqual(NameOf(key))) continue;
            var plain = new byte[all.Length - NameBytes - NonceBytes - TagBytes];
            try
            {
                using var cipher = new AesGcm(key, TagBytes);
                cipher.Decrypt(
                    all.Slice(NameBytes, NonceBytes),
                    all[(NameBytes + NonceBytes + TagBytes)..],
                    all.Slice(NameBytes + NonceBytes, TagBytes),
                    plain,
                    Context(account));
                return JsonSerializer.Deserialize(plain, CredentialJson.Default.AccountCredentials);
            }
            catch (Exception exception) when (exception is CryptographicException or JsonException)
            {
                // Another key of the same name may open it.
            }
            finally
            {
                CryptographicOperations.ZeroMemory(plain);
            }
        }
        return null;
    }

    private static byte[] Context(AccountKey account) => Encoding.UTF8.GetBytes($"{account.Channel}\n{account.AccountId}");

    private static byte[] NameOf(byte[] key) => SHA256.HashData(key)[..NameBytes];
}

[JsonSerializable(typeof(AccountCredentials))]
internal sealed partial class CredentialJson : JsonSerializerContext;
