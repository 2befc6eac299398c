using Chat.Core.Providers;

namespace Chat.Connectors.Providers.Meta;

/// <summary>What posts to a Graph API: over HTTP, or in a simulation.</summary>
internal interface IGraphPosts
{
    /// <summary>Posts JSON once, and says what came of it.</summary>
    /// <param name="path">Without the version: <c>{phone_number_id}/messages</c>.</param>
    /// <param name="cancellationToken">Ends the waiting: the reply is <see cref="GraphReply.NoAnswer"/> then. Nothing is thrown.</param>
    Task<GraphReply> PostAsync(
        GraphOptions options, string path, string token, ReadOnlyMemory<byte> json, CancellationToken cancellationToken);
}
