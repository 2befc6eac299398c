namespace Chat.Engines.Embedded.Sqlite;

/// <summary>Something to write. <see cref="Execute"/> may be called again after the transaction it was part of was undone.</summary>
internal abstract class WriterWork
{
    /// <summary>Whether it is done outside a transaction, with no other work beside it; it is never undone then.</summary>
    public virtual bool IsAlone { get; init; }

    public abstract void Execute(SqliteSession session);

    /// <summary>It is on disk. Called in the order of <see cref="Execute"/>, on the writer's thread.</summary>
    public abstract void Committed();

    public abstract void Failed(Exception exception);
}
