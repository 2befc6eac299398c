namespace Chat.Engines.Cassandra.Schema;

/// <summary>
/// One step of the schema. Each statement must change nothing when it is carried out again (IF NOT EXISTS, IF EXISTS): a process
/// that dies in the middle leaves the step to the next. The programs of the version before run on until they are replaced, so a
/// step adds and never takes away what they use.
/// </summary>
/// <param name="Version">Rises from 1, and a number may be left out; never change a step once it was released.</param>
internal sealed record Migration(int Version, string Description, IReadOnlyList<string> Statements);
