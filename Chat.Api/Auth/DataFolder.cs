namespace Chat.Api.Auth;

/// <summary>Where an installation keeps what it makes for itself.</summary>
internal static class DataFolder
{
    /// <summary>The setting that names the folder; the embedded engines keep their data there.</summary>
    public const string Setting = "Embedded:DataFolder";
}
