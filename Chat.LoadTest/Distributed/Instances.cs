namespace Chat.LoadTest.Distributed;

/// <summary>Processes of one kind, whose names are <c>kafka-1</c>, <c>kafka-2</c>, …</summary>
internal static class Instances
{
    /// <summary>The name without its number: what all of them are called together.</summary>
    public static string KindOf(string name)
    {
        var hyphen = name.LastIndexOf('-');
        return hyphen > 0 && int.TryParse(name.AsSpan(hyphen + 1), out _) ? name[..hyphen] : name;
    }
}
