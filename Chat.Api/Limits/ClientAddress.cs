using System.Net;
using System.Net.Sockets;

namespace Chat.Api.Limits;

/// <summary>What counts as one client where it is known by its address alone.</summary>
internal static class ClientAddress
{
    private const int SubnetBytes = 8;

    /// <summary>An IPv4 address, or the /64 network of an IPv6 address: one customer has all the addresses of that.</summary>
    public static IPAddress Of(HttpContext context) => Of(context.Connection.RemoteIpAddress ?? IPAddress.None);

    public static IPAddress Of(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) return address.MapToIPv4();
        if (address.AddressFamily != AddressFamily.InterNetworkV6) return address;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(SubnetBytes).Clear();
        return new(bytes);
    }
}
