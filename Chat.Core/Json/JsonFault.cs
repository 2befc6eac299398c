namespace Chat.Core.Json;

/// <summary>Why JSON that came in can't be used.</summary>
public enum JsonFaultKind
{
    Empty,

    TooLarge,

    /// <summary>Not valid UTF-8.</summary>
    NotUtf8,

    /// <summary>An escape names half of a surrogate pair: the text can't be decoded.</summary>
    HalfSurrogate,

    /// <summary>Not JSON by its grammar; <see cref="JsonFault.Line"/> and <see cref="JsonFault.Byte"/> say where.</summary>
    NotJson,

    TooDeep,

    /// <summary>One object has two members of one name.</summary>
    DuplicateName,

    /// <summary>JSON of another type than is read here; <see cref="JsonFault.Field"/> where it is one member's.</summary>
    WrongType,
}

/// <param name="Field">As the JSON names it, cut and printable; null where it is not about one.</param>
/// <param name="What">For operators: short and printable, whatever came in.</param>
/// <param name="Line">Counted from 1; 0 where it is not about a place.</param>
/// <param name="Byte">In its line, counted from 1; 0 where it is not about a place.</param>
public sealed record JsonFault(JsonFaultKind Kind, string What, string? Field = null, long Line = 0, long Byte = 0);
