namespace Chat.Tools;

/// <summary>An engine failed, of which a line says enough: its server can't be reached, its disk is full.</summary>
public sealed class EngineFailureException(Exception inner) : Exception(inner.Message, inner);
