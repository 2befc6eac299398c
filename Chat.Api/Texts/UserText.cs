namespace Chat.Api.Texts;

/// <summary>The languages that texts for people come in.</summary>
public enum Language
{
    English,

    /// <summary>Of Brazil.</summary>
    Portuguese,
}

/// <summary>A text for people in every <see cref="Language"/>, with its values filled in.</summary>
public sealed record UserText(string English, string Portuguese)
{
    public string In(Language language) => language == Language.Portuguese ? Portuguese : English;

    // In a debugger and a failed test, not on the wire.
    public override string ToString() => English;
}
