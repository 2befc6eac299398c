using System.Collections.Frozen;
using System.Net;
using Chat.Core.Text;

namespace Chat.Connectors.Providers.Meta;

/// <summary>
/// Decides by the code what an error means; where the code is unknown, by the error's own word about itself and the status line.
/// </summary>
/// <param name="provider">As people call it.</param>
/// <param name="rules">By code and subcode; null for any subcode.</param>
internal sealed class ErrorTable(string provider, IReadOnlyDictionary<(int Code, int? Subcode), ErrorRule> rules)
{
    // Meta's own limits are of minutes. Whoever asks for more, a proxy on the way among them, is asked again all the same.
    private static readonly TimeSpan LongestAsked = TimeSpan.FromHours(1);

    // What the provider says of it, as much of it as a person reads.
    private const int LongestDetails = 300;

    private static readonly ErrorRule.Again Transient = new(
        "The provider had a problem", LaterScope.Recipient, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1), Tries: 5);

    private static readonly ErrorRule.Again TooMany = new(
        "The provider asks to send more slowly", LaterScope.Account, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    private static readonly ErrorRule.Stop NotAuthorized = new("The access token is not accepted");

    private static readonly ErrorRule.Refuse Refused = new("The provider refused the message");

    private readonly FrozenDictionary<(int Code, int? Subcode), ErrorRule> _rules = rules.ToFrozenDictionary();

    /// <summary>The rule of an error.</summary>
    public ErrorRule RuleOf(GraphError error) =>
        error.Subcode is { } subcode && _rules.TryGetValue((error.Code, subcode), out var exact) ? exact
        : _rules.TryGetValue((error.Code, null), out var byCode) ? byCode
        : RuleOf(error.Status, error.IsTransient);

    /// <summary>What an error means for a message.</summary>
    /// <param name="outgoing">The message and its try.</param>
    /// <param name="hasLink">Whether it names a file by a link.</param>
    public SendAnswer AnswerTo(GraphError error, Outgoing outgoing, bool hasLink)
    {
        var code = error.Code < 0 ? $"HTTP {(int)error.Status}"
            : error.Subcode is { } subcode ? $"{error.Code}/{subcode}"
            : $"{error.Code}";
        return AnswerTo(RuleOf(error), error.Details, code, error.RetryAfter, outgoing, hasLink);
    }

    /// <summary>What an answer that is not Graph's means for a message.</summary>
    public SendAnswer AnswerTo(GraphReply.Foreign foreign, Outgoing outgoing)
    {
        var code = $"HTTP {(int)foreign.Status}";
        // A server that failed, or a proxy that lost it, may have passed the message on; one that asks to be asked again did not.
        return foreign.Status >= HttpStatusCode.InternalServerError && foreign.RetryAfter is null
            || foreign.Status is HttpStatusCode.RequestTimeout
            || (int)foreign.Status < 300
                ? new SendAnswer.Unknown($"{code} without an answer of {provider}'s")
                : AnswerTo(RuleOf(foreign.Status, isTransient: null), details: null, code, foreign.RetryAfter, outgoing, hasLink: false);
    }

    private static ErrorRule RuleOf(HttpStatusCode status, bool? isTransient) => status switch
    {
        HttpStatusCode.TooManyRequests => TooMany,
        _ when isTransient == true => Transient,
        >= HttpStatusCode.InternalServerError => Transient,
        HttpStatusCode.Unauthorized => NotAuthorized,
        _ => Refused,
    };

    private SendAnswer AnswerTo(
        ErrorRule rule, string? details, string code, TimeSpan? retryAfter, Outgoing outgoing, bool hasLink)
    {
        var said = details is null ? "" : $". {provider} says: {Printable.Line(details, LongestDetails).TrimEnd('.')}";
        var reason = $"{rule.Reason}{said} ({provider} {code})";
        return rule switch
        {
            ErrorRule.Stop => new SendAnswer.Later(LaterScope.Account, null, reason),
            ErrorRule.Again again when outgoing.Try < again.Tries && (hasLink || !again.OnlyByLink) => new SendAnswer.Later(
                again.Scope, WaitOf(again, outgoing, retryAfter), reason),
            ErrorRule.Refuse { Stops: true } => new SendAnswer.Rejected(reason) { Attention = reason },
            _ => new SendAnswer.Rejected(reason),
        };
    }

    private static TimeSpan WaitOf(ErrorRule.Again again, Outgoing outgoing, TimeSpan? retryAfter)
    {
        var wait = again.WaitAfter(outgoing.Try);
        // Up to a quarter more, by the message, so that those that were stopped together don't come back together.
        if (again.Scope != LaterScope.Recipient) wait *= 1 + ((uint)outgoing.Message.MessageId.GetHashCode() % 256 / 1024.0);
        var asked = retryAfter ?? TimeSpan.Zero;
        if (asked > LongestAsked) asked = LongestAsked;
        return asked > wait ? asked : wait;
    }
}
