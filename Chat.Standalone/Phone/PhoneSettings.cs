namespace Chat.Standalone.Phone;

/// <summary>The settings of <c>--phone</c>.</summary>
public static class PhoneSettings
{
    /// <summary>The short form of <c>--Phone=true</c>.</summary>
    public const string Switch = "--phone";

    /// <summary>Whether a simulated Meta and a customer's phone are wanted.</summary>
    public const string Wanted = "Phone";

    /// <summary>Where a simulator runs already; one is started in this process where it isn't set.</summary>
    public const string Url = "Phone:Url";

    /// <summary>Where the simulator of this process listens; a free port where it isn't set.</summary>
    public const string Port = "Phone:Port";

    /// <summary>Arguments as configuration reads them: a switch without a value would take the next argument for its own.</summary>
    public static string[] Normalize(string[] args) => [.. args.Select(a => a == Switch ? $"--{Wanted}=true" : a)];

    public static bool IsWanted(IConfiguration configuration) =>
        configuration.GetValue<bool>(Wanted) || configuration[Url] is { Length: > 0 };
}
