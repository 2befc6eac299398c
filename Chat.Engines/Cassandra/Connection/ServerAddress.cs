using System.Text.RegularExpressions;
using Cassandra;

namespace Chat.Engines.Cassandra.Connection;

/// <summary>What a connection string says.</summary>
/// <param name="Keyspace">A plain lower-case identifier, so that it needs no quoting in CQL.</param>
internal sealed partial record ServerAddress(
    IReadOnlyList<string> ContactPoints, int Port, string Keyspace, string? Username, string? Password)
{
    public const string DefaultKeyspace = "chat";

    /// <exception cref="FormatException">
    /// It is no connection string, names no contact point, or a keyspace that would need quoting.
    /// </exception>
    public static ServerAddress Parse(string connectionString)
    {
        try
        {
            var parts = new CassandraConnectionStringBuilder(connectionString);
            var keyspace = parts.DefaultKeyspace ?? DefaultKeyspace;
            if (!PlainIdentifier().IsMatch(keyspace))
                throw new FormatException($"Default Keyspace: '{keyspace}' is not [a-z][a-z0-9_]* of at most 48 characters");
            string[] points = [.. parts.ContactPoints.Select(p => p.Trim()).Where(p => p.Length > 0)];
            if (points.Length == 0) throw new FormatException("Contact Points is empty");
            return new(points, parts.Port, keyspace, parts.Username, parts.Password);
        }
        catch (ArgumentException exception)
        {
            // The text may hold a password: only what is wrong is said.
            throw new FormatException("The connection string of Cassandra can't be read: " + exception.Message);
        }
    }

    /// <summary>Without the password, for the log.</summary>
    public override string ToString() => $"{string.Join(',', ContactPoints)}:{Port}/{Keyspace}";

    [GeneratedRegex("^[a-z][a-z0-9_]{0,47}$")]
    private static partial Regex PlainIdentifier();
}
