namespace Chat.Connectors.Webhooks;

/// <summary>The kinds of updates, as the metric counts them: a fixed list, whatever providers think of next.</summary>
internal static class UpdateKinds
{
    public const string Status = "status";
    public const string Message = "message";
    public const string Echo = "echo";
    public const string Read = "read";
    public const string Contact = "contact";
    public const string Trouble = "trouble";

    /// <summary>A status of a message to a group: one member's is not the group's.</summary>
    public const string GroupStatus = "group_status";

    /// <summary>A status of a word that means no fact here.</summary>
    public const string OtherStatus = "other_status";

    public const string Template = "template";
    public const string Account = "account";
    public const string Preference = "preference";
    public const string Call = "call";
    public const string Group = "group";
    public const string History = "history";
    public const string Comment = "comment";
    public const string Handover = "handover";
    public const string Referral = "referral";

    /// <summary>Of a provider's test button.</summary>
    public const string Test = "test";

    /// <summary>None of these.</summary>
    public const string Other = "other";

    /// <summary>It lacks what makes it one: an id, a person.</summary>
    public const string Incomplete = "incomplete";

    /// <summary>It is addressed to an account that nobody connected.</summary>
    public const string UnknownAccount = "unknown_account";

    /// <summary>It came to another organization's app, or names another business than its account's.</summary>
    public const string ForeignAccount = "foreign_account";
}
