using System.Globalization;

namespace Chat.AppHost.Containers;

/// <summary>
/// Asks a container for its health with nothing that its image doesn't have, and cheaply, since it is asked every few seconds:
/// a shell command that ends with 0 where it is healthy. <c>$$</c> is Compose's <c>$</c>.
/// </summary>
internal sealed record ComposeProbe(string Command)
{
    /// <summary>Kafka listens, for the services, once it takes requests; its own tools would start a Java machine at each check.</summary>
    public static readonly ComposeProbe Kafka = Listens(9093);

    /// <summary>Cassandra opens its CQL port last, once the node serves.</summary>
    public static readonly ComposeProbe Cassandra = Listens(9042);

    public static readonly ComposeProbe Redis = new("REDISCLI_AUTH=\"$$REDIS_PASSWORD\" redis-cli ping | grep -q PONG");

    /// <summary>.NET's images have no curl. Debian's and Ubuntu's have bash, which can speak HTTP.</summary>
    public static ComposeProbe Health(int port) => new(string.Create(
        CultureInfo.InvariantCulture,
        $"bash -c 'exec 3<>/dev/tcp/127.0.0.1/{port}; printf \"GET /health HTTP/1.0\\r\\n\\r\\n\" >&3; "
        + $"head -n 1 <&3 | grep -q \" 200 \"'"));

    public ComposeProbe And(string command) => new($"{Command} && {command}");

    private static ComposeProbe Listens(int port) =>
        new(string.Create(CultureInfo.InvariantCulture, $"bash -c '</dev/tcp/127.0.0.1/{port}'"));
}
