using Cassandra;
using Chat.Core.Engines;

namespace Chat.Engines.Cassandra.Connection;

/// <summary>
/// Which of the driver's exceptions say that a statement is refused for its values:
/// <list type="bullet">
/// <item><see cref="InvalidQueryException"/>: a key longer than 65,535 bytes, a batch or a request too large, a value that its type does
/// not take. Not where the text is about the schema, since a table that is missing is nobody's value, nor where a guardrail is about
/// the disk, since that is full for everybody and may pass.</item>
/// <item><see cref="InvalidTypeException"/>: the driver itself can't write the value.</item>
/// </list>
/// Everything else may pass, and most of all what is thrown while preparing, which carries no values: timeouts, nodes that are away,
/// failed reads and writes, rights, and <see cref="SyntaxError"/>, since each statement's text is a constant.
/// </summary>
internal static class CassandraRefusals
{
    private static readonly string[] AboutTheServer =
        ["does not exist", "unconfigured", "undefined column", "unknown identifier", "no keyspace", "disk usage", "consistency level"];

    /// <summary>The exception as the port tells it; null where it is a failure that may pass.</summary>
    public static EngineRefusedException? Find(DriverException exception) => exception switch
    {
        InvalidConfigurationInQueryException => null,
        InvalidQueryException when IsAboutTheServer(exception.Message) => null,
        InvalidQueryException => new("Cassandra takes the values for invalid or too large", exception),
        InvalidTypeException => new("Cassandra's driver can't write the values", exception),
        _ => null,
    };

    private static bool IsAboutTheServer(string message) =>
        AboutTheServer.Any(text => message.Contains(text, StringComparison.OrdinalIgnoreCase));
}
