namespace Chat.Core.Engines;

/// <summary>
/// Tells an engine's failures (its server can't be reached, its disk is full), of which a line says enough, from defects, whose stack
/// somebody needs. Each engine registers its own.
/// </summary>
public interface IEngineErrors
{
    bool IsFailure(Exception exception);
}
