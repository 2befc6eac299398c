using System.Runtime.CompilerServices;
using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Media;

namespace Chat.Tests.MetaSimulator;

public sealed class MediaShelfTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private readonly MediaShelf _shelf = new();

    [Fact]
    public void The_bytes_of_what_was_deleted_are_kept_nowhere()
    {
        var bytes = AddAndRemove();
        GC.Collect();
        Assert.False(bytes.IsAlive);
        GC.KeepAlive(_shelf);
    }

    [Fact]
    public void An_address_counts_for_5_minutes()
    {
        var file = FileOf("1");
        _shelf.Add(file);
        _shelf.Publish("a", file, Now);
        _shelf.Publish("b", file, Now.AddMinutes(4));

        Assert.Same(file, _shelf.FindByAddress("a", Now.AddMinutes(4)));
        Assert.Null(_shelf.FindByAddress("a", Now.AddMinutes(5)));
        _shelf.Publish("c", file, Now.AddMinutes(6));
        Assert.Null(_shelf.FindByAddress("a", Now.AddMinutes(4)));
        Assert.Same(file, _shelf.FindByAddress("b", Now.AddMinutes(6)));
        Assert.Same(file, _shelf.FindByAddress("c", Now.AddMinutes(6)));
    }

    // By itself, so that no local of the test keeps the file.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WeakReference AddAndRemove()
    {
        var file = FileOf("1");
        _shelf.Add(file);
        _shelf.Remove(file);
        Assert.Null(_shelf.Find("1", Now));
        return new(file.Bytes);
    }

    private static MediaFile FileOf(string id) =>
        new(id, new MetaAccount(ChannelNames.WhatsApp, "700800900"), new byte[64], "image/png", null, Now.AddDays(1));
}
