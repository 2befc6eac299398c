using System.Security.Cryptography;
using Chat.MetaSimulator.Accounts;

namespace Chat.MetaSimulator.Media;

/// <summary>A file at the provider.</summary>
/// <param name="ExpiresAt">Ids hold 30 days for what a business uploaded, 7 for what a person sent.</param>
public sealed record MediaFile(
    string Id, MetaAccount Account, byte[] Bytes, string MimeType, string? FileName, DateTimeOffset ExpiresAt)
{
    /// <summary>As webhooks write it.</summary>
    public string Sha256Base64 { get; } = Convert.ToBase64String(SHA256.HashData(Bytes));

    /// <summary>As the answer to a look-up writes it.</summary>
    public string Sha256Hex { get; } = Convert.ToHexStringLower(SHA256.HashData(Bytes));
}

/// <summary>The files, in memory: beyond so many bytes the oldest goes.</summary>
public sealed class MediaShelf
{
    private const long Most = 256 << 20;

    private static readonly TimeSpan AddressLife = TimeSpan.FromMinutes(5);

    private readonly Dictionary<string, LinkedListNode<MediaFile>> _files = new(StringComparer.Ordinal);
    private readonly LinkedList<MediaFile> _order = new();
    private readonly Dictionary<string, (string Id, DateTimeOffset Until)> _addresses = new(StringComparer.Ordinal);
    private readonly Queue<string> _published = new();
    private long _bytes;

    public void Add(MediaFile file)
    {
        _files.Add(file.Id, _order.AddLast(file));
        _bytes += file.Bytes.Length;
        while (_bytes > Most && _order.Count > 1) Remove(_order.First!.Value);
    }

    public MediaFile? Find(string id, DateTimeOffset now) =>
        _files.GetValueOrDefault(id)?.Value is { } file && now < file.ExpiresAt ? file : null;

    public void Remove(MediaFile file)
    {
        if (!_files.Remove(file.Id, out var node)) return;
        _order.Remove(node);
        _bytes -= file.Bytes.Length;
    }

    /// <summary>Notes an address of a file, which counts for as long as every other does.</summary>
    public void Publish(string address, MediaFile file, DateTimeOffset now)
    {
        while (_published.TryPeek(out var oldest) && _addresses[oldest].Until <= now) _addresses.Remove(_published.Dequeue());
        _addresses.Add(address, (file.Id, now + AddressLife));
        _published.Enqueue(address);
    }

    /// <summary>The file of an address; null where it is over or never was.</summary>
    public MediaFile? FindByAddress(string address, DateTimeOffset now) =>
        _addresses.TryGetValue(address, out var found) && now < found.Until ? Find(found.Id, now) : null;
}
