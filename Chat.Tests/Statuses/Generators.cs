using Chat.Core.Statuses;
using FsCheck;
using FsCheck.Fluent;

namespace Chat.Tests.Statuses;

/// <summary>Facts as histories have them: few times and few numbers, so that ties and repetitions are common.</summary>
public static class Generators
{
    public static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static Gen<StatusKind> Kinds => Gen.Elements(Enum.GetValues<StatusKind>());

    /// <summary>An event of a history. One number means one event, so time and reason follow from it.</summary>
    public static Gen<(StatusKind Kind, Fact Fact)> Events =>
        from kind in Kinds
        from milliseconds in Gen.Choose(0, 4)
        from seq in Gen.Choose(1, 12)
        let reason = kind == StatusKind.Failed && (milliseconds + seq) % 2 == 0 ? $"reason {milliseconds}/{seq}" : null
        select (kind, new Fact(Start.AddMilliseconds(milliseconds), reason, seq));

    public static Arbitrary<List<(StatusKind Kind, Fact Fact)>> Histories => Gen.ListOf(Events).Select(h => h.ToList()).ToArbitrary();

    public static StatusFacts Merge(IEnumerable<(StatusKind Kind, Fact Fact)> history) =>
        history.Aggregate(StatusFacts.None, (facts, e) => facts.With(e.Kind, e.Fact));

    public static int Rank(MessageStatus status) => status switch
    {
        MessageStatus.Accepted => 0,
        MessageStatus.Sent => 1,
        MessageStatus.Failed => 2,
        MessageStatus.Delivered => 3,
        _ => 4,
    };
}
