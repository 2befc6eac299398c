using System.Net.Sockets;

namespace Chat.Tools;

/// <summary>Tells a server that can't be reached, of which a line says enough, from a defect, whose stack somebody needs.</summary>
public static class EngineFailure
{
    // By name: which clients are in the build is the engines' business.
    private static readonly string[] Clients = ["Confluent.Kafka", "StackExchange.Redis", "Cassandra"];

    public static bool IsOne(Exception exception) =>
        exception is IOException or SocketException or TimeoutException
        || (exception.GetType().Namespace is { } name
            && Clients.Any(c => name == c || name.StartsWith(c + ".", StringComparison.Ordinal)));
}
