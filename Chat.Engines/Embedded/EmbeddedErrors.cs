using Chat.Core.Engines;
using Microsoft.Data.Sqlite;

namespace Chat.Engines.Embedded;

/// <summary>What the files of the data folder do: the disk is full, or a file can't be read.</summary>
internal sealed class EmbeddedErrors : IEngineErrors
{
    public bool IsFailure(Exception exception) => exception is IOException or SqliteException;
}
