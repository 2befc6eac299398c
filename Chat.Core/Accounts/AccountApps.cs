using Chat.Core.Ids;

namespace Chat.Core.Accounts;

/// <summary>The names of apps, which are the last part of their webhooks' path: <c>/v1/webhooks/{channel}/{app}</c>.</summary>
public static class AccountApps
{
    public const int MaxName = 64;

    /// <summary>The app that an organization brings itself: its id.</summary>
    public static string OfOrganization(Guid organizationId) => organizationId.ToString("D");

    /// <summary>The organization whose own app this is; null for one of configuration.</summary>
    public static Guid? OrganizationOf(string app) => Uuid.ReadExact(app);

    /// <summary>Whether configuration may call an app so: lower-case letters, digits and hyphens, and no organization's id.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= MaxName
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-')
        && OrganizationOf(name) is null;
}
