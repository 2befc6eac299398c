using System.ComponentModel.DataAnnotations;
using Chat.Core.Security;

namespace Chat.Engines.Redis;

/// <summary>Configuration section <c>Redis</c>; the server is <c>ConnectionStrings:redis</c>.</summary>
public sealed class RedisOptions : IValidatableObject
{
    public const string Section = "Redis";

    /// <summary>The connection string's name, and Aspire's name of the resource.</summary>
    public const string ConnectionName = "redis";

    /// <summary>
    /// Sharded Pub/Sub: in a cluster a payload goes to the nodes of its channel's slot alone and not to every node. All services
    /// must agree; readers by hand then need <c>SSUBSCRIBE</c>.
    /// </summary>
    public bool ShardedPubSub { get; set; }

    /// <summary>
    /// Before every channel's name, so that several systems may share one server, whose Pub/Sub knows no databases: with
    /// <c>staging:</c> it is <c>staging:status:{conversationId}</c>. All services of one system must agree. Up to 64 printable
    /// characters of ASCII, no space.
    /// </summary>
    [MaxLength(64)]
    [RegularExpression("^[!-~]*$", ErrorMessage = "Redis:ChannelPrefix takes printable characters of ASCII, and no space.")]
    public string ChannelPrefix { get; set; } = "";

    /// <summary>
    /// Connections that read what is published, each on one core at a time, conversations spread over them: 1 to 64; by default one for
    /// two cores, up to 8. With <see cref="ShardedPubSub"/> the driver's connections read.
    /// </summary>
    [Range(1, 64)]
    public int SubscriberConnections { get; set; } = Math.Clamp(Environment.ProcessorCount / 2, 1, 8);

    /// <summary>The pause before a subscription that could not be made is tried again: 1 ms to 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan RetryPause { get; set; } = TimeSpan.FromMilliseconds(500);

    /// <summary>TLS to the server; <c>ssl=true</c> in the connection string is the same without files.</summary>
    public ServerTlsOptions Tls { get; set; } = new();

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext) =>
        ServerTls.Validate(RedisSecurity.TlsSection, Tls).Select(problem => new ValidationResult(problem));
}
