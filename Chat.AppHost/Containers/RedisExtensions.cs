namespace Chat.AppHost.Containers;

internal static class RedisExtensions
{
    /// <summary>Leaves out TLS, which Aspire adds where the machine trusts a development certificate.</summary>
    public static IResourceBuilder<RedisResource> WithPlainConnections(this IResourceBuilder<RedisResource> redis) =>
#pragma warning disable ASPIRECERTIFICATES001 // For evaluation only, says Aspire; there is no other switch.
        redis.WithoutHttpsCertificate();
#pragma warning restore ASPIRECERTIFICATES001
}
