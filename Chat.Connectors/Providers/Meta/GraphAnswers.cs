namespace Chat.Connectors.Providers.Meta;

/// <summary>What replies that are no success mean for a message.</summary>
internal static class GraphAnswers
{
    // A provider that can't be reached can't be by anybody: the next tries say when it can.
    private static readonly ErrorRule.Again Unreachable = new(
        "The provider can't be reached", LaterScope.Recipient, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    public static SendAnswer Of(GraphReply reply, ErrorTable table, Outgoing outgoing) => reply switch
    {
        GraphReply.Failure failure =>
            table.AnswerTo(failure.Error, outgoing, hasLink: new SentContent(outgoing.Message).MediaLink is not null),
        GraphReply.Foreign foreign => table.AnswerTo(foreign, outgoing),
        GraphReply.NotSent notSent => new SendAnswer.Later(
            Unreachable.Scope, Unreachable.WaitAfter(outgoing.Try), $"{Unreachable.Reason}: {notSent.Why}"),
        GraphReply.NoAnswer noAnswer => new SendAnswer.Unknown(noAnswer.Why),
        _ => throw new ArgumentOutOfRangeException(nameof(reply), reply, "a success"),
    };
}
