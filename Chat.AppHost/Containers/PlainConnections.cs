namespace Chat.AppHost.Containers;

internal static class PlainConnections
{
    /// <summary>
    /// Leaves out TLS, which Aspire adds where the machine trusts a development certificate, and warns of where it trusts none. All
    /// of this listens on loopback.
    /// </summary>
    public static IResourceBuilder<T> WithPlainConnections<T>(this IResourceBuilder<T> builder)
        where T : IResourceWithEnvironment, IResourceWithArgs =>
#pragma warning disable ASPIRECERTIFICATES001 // For evaluation only, says Aspire; there is no other switch.
        builder.WithoutHttpsCertificate();
#pragma warning restore ASPIRECERTIFICATES001
}
