using Chat.Connectors.Outbound;
using Chat.Connectors.Providers;
using Chat.Connectors.Providers.Meta;
using Chat.Core.Accounts;
using Chat.Core.Channels;
using Chat.Core.Messages;
using Chat.Core.Providers;
using Chat.Core.Statuses;
using Microsoft.Extensions.Options;

namespace Chat.Connectors.Instagram.Sending;

/// <summary>Instagram's messaging API, with Instagram login. The 200 is SENT; DELIVERED is never reported.</summary>
internal sealed class InstagramProvider(IGraphPosts graph, IOptions<ProvidersOptions> options) : IAccountProvider
{
    private static readonly PlannedStatus[] Sent = [new(StatusKind.Sent, TimeSpan.Zero)];

    public string Channel => ChannelCatalog.Instagram;

    public IReadOnlyList<PlannedStatus> StatusesOfAccepted => Sent;

    public async ValueTask<SendAnswer> SendAsync(Outgoing outgoing, CancellationToken cancellationToken)
    {
        if (InstagramRequest.TryWrite(outgoing, out var why) is not { } bodies) return new SendAnswer.Rejected(why!);
        var (ids, asHumanAgent) = (new List<string>(), false);
        for (var i = 0; i < bodies.Count; i++)
        {
            var reply = await PostAsync(outgoing.Account!, bodies[i], cancellationToken);
            if (!asHumanAgent && options.Value.Instagram.HumanAgent && InstagramErrors.IsOutsideWindow(reply))
            {
                // It was refused, so that a second request can't send it twice.
                asHumanAgent = true;
                bodies = InstagramRequest.TryWrite(outgoing, out _, asHumanAgent)!;
                reply = await PostAsync(outgoing.Account!, bodies[i], cancellationToken);
            }
            if (reply is GraphReply.Success success)
            {
                if (GraphJson.TextOf(success.Body, "message_id") is { } id) ids.Add(id);
                else if (outgoing.Message.Type != MessageTypes.Reaction)
                    return new SendAnswer.Unknown("an answer without the message's id") { ProviderMessageIds = ids };
                continue;
            }
            var answer = GraphAnswers.Of(reply, InstagramErrors.Table, outgoing);
            return i == 0 ? answer : Broken(answer, ids, i, bodies.Count);
        }
        return new SendAnswer.Accepted(ids, Sent);
    }

    public async ValueTask<bool> TellAsync(KnownAccount account, Message hint, string? recipient, CancellationToken cancellationToken)
    {
        if (recipient is null) return false;
        var body = InstagramRequest.WriteAction(recipient, hint.Type == MessageTypes.Typing ? "typing_on" : "mark_seen");
        return await PostAsync(account, body, cancellationToken) is GraphReply.Success;
    }

    private Task<GraphReply> PostAsync(KnownAccount account, ReadOnlyMemory<byte> body, CancellationToken cancellationToken) =>
        graph.PostAsync(
            options.Value.Instagram,
            $"{Uri.EscapeDataString(account.Key.AccountId)}/messages",
            account.Credentials.AccessToken ?? "",
            body,
            cancellationToken);

    /// <summary>The first parts went and must not go again, so the rest of the message can't be sent later.</summary>
    private static SendAnswer Broken(SendAnswer answer, IReadOnlyList<string> ids, int sent, int parts) => answer switch
    {
        SendAnswer.Rejected rejected => rejected with { Reason = Only(rejected.Reason, sent, parts), ProviderMessageIds = ids },
        SendAnswer.Later { Wait: null } later => new SendAnswer.Rejected(Only(later.Reason, sent, parts))
        {
            Attention = later.Reason,
            ProviderMessageIds = ids,
        },
        SendAnswer.Later later => new SendAnswer.Rejected(Only(later.Reason, sent, parts)) { ProviderMessageIds = ids },
        _ => answer with { ProviderMessageIds = ids },
    };

    private static string Only(string reason, int sent, int parts) => $"Only the first {sent} of {parts} parts were sent. {reason}";
}
