using Chat.Api.Hub;
using Chat.Api.Hub.Protocol;
using Chat.Api.Hub.Sockets;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Hub;

public sealed class ConnectionRegistryTests
{
    private static readonly Guid One = Guid.Parse("11111111-0000-0000-0000-000000000000");
    private static readonly Guid Two = Guid.Parse("22222222-0000-0000-0000-000000000000");

    private readonly ConnectionRegistry _connections = new(Options.Create(new HubOptions { MaxConnectionsPerUser = 2 }));

    [Fact]
    public void A_user_when_at_the_most_gets_no_further_connection_and_another_user_does()
    {
        Assert.True(_connections.TryTake(One));
        Assert.True(_connections.TryTake(One));

        Assert.False(_connections.TryTake(One));
        Assert.True(_connections.TryTake(Two));
    }

    [Fact]
    public void A_user_is_full_at_the_most_and_not_before_or_after()
    {
        Assert.True(_connections.TryTake(One));
        Assert.False(_connections.IsFull(One));
        Assert.True(_connections.TryTake(One));
        Assert.True(_connections.IsFull(One));
        Assert.False(_connections.IsFull(Two));

        _connections.Release(One);

        Assert.False(_connections.IsFull(One));
    }

    [Fact]
    public void A_refusal_when_it_happens_takes_no_place()
    {
        Assert.True(_connections.TryTake(One));
        Assert.True(_connections.TryTake(One));
        for (var i = 0; i < 10; i++) Assert.False(_connections.TryTake(One));

        _connections.Release(One);

        Assert.True(_connections.TryTake(One));
        Assert.False(_connections.TryTake(One));
    }

    [Fact]
    public void Places_when_all_are_released_are_all_free_again()
    {
        for (var round = 0; round < 3; round++)
        {
            Assert.True(_connections.TryTake(One));
            Assert.True(_connections.TryTake(One));
            Assert.False(_connections.TryTake(One));
            _connections.Release(One);
            _connections.Release(One);
        }
    }

    [Fact]
    public void Close_all_when_the_instance_stops_closes_every_open_socket_and_no_other()
    {
        RecordedFrames open = new(), gone = new();
        _connections.Add(open);
        _connections.Add(gone);
        _connections.Remove(gone);

        _connections.CloseAll();

        Assert.Equal(CloseCode.GoingAway, open.Closed);
        Assert.Null(gone.Closed);
    }

    [Fact]
    public void A_socket_whose_handshake_ends_when_the_instance_stops_is_closed_as_the_others_are()
    {
        _connections.CloseAll();
        var late = new RecordedFrames();

        _connections.Add(late);

        Assert.Equal(CloseCode.GoingAway, late.Closed);
    }
}
