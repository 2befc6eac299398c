namespace Chat.Core.Idempotency;

/// <summary>What a claim wrote after its first look.</summary>
/// <param name="IsSole">Whether it came alone, or joined one that had: of all values of a key only one is ever written with true.</param>
/// <param name="Record">Its own, or the one that it joined.</param>
public sealed record KeyVote(bool IsSole, IdempotencyRecord Record);

/// <summary>What the claims of one key have written, as a read shows it. Each writes an entry of its own, under its id.</summary>
/// <param name="Decided">What a compare-and-set decided; null where none was needed yet.</param>
/// <param name="Came">The claims that began.</param>
/// <param name="Votes">What each of them wrote next.</param>
public sealed record KeyEntries(
    IdempotencyRecord? Decided, IReadOnlySet<Guid> Came, IReadOnlyDictionary<Guid, KeyVote> Votes);

/// <summary>What a claim does next.</summary>
public abstract record KeyStep
{
    /// <summary>The key belongs to this record, for good: nothing more to do.</summary>
    public sealed record Answer(IdempotencyRecord Record) : KeyStep;

    /// <summary>Write this vote, and then read again.</summary>
    public sealed record Vote(KeyVote Value) : KeyStep;

    /// <summary>Propose this record by compare-and-set; what that decided is the answer.</summary>
    public sealed record Decide(IdempotencyRecord Proposal) : KeyStep;
}

/// <summary>
/// Claims an idempotency key in a store whose reads and writes are cheap and whose compare-and-set is not, with one only where claims of
/// the key run at the same time, or an earlier one ended halfway. Decides, and does no I/O: the store writes that the claim came, reads,
/// writes its vote, reads again (<see cref="AfterComing"/>, <see cref="AfterVoting"/>). All it asks of the store is that a read sees
/// what was completely written before the read began.
/// <para>
/// Of claims that come together, each sees the other or is seen by it, so one at most comes alone, and only its record is voted for as the
/// sole one. Who then sees no vote but for that record is done: a claim that votes for another one later sees it, and proposes it to the
/// compare-and-set.
/// </para>
/// </summary>
/// <param name="id">Of this claim alone: not of the message, for which there may be several.</param>
/// <param name="lifetime">How much older than <paramref name="own"/> a record may be to count.</param>
public sealed class KeyClaim(Guid id, IdempotencyRecord own, TimeSpan lifetime)
{
    public Guid Id => id;

    /// <summary>
    /// Whether a record is young enough to hold the key. One that is not answers no claim, but no claim is sole beside it.
    /// </summary>
    public bool Holds(IdempotencyRecord record) => record.CreatedAt >= own.CreatedAt - lifetime;

    /// <summary>What to do after the entry that this claim came was written completely, and then everything was read.</summary>
    public KeyStep AfterComing(KeyEntries read)
    {
        if (read.Decided is { } decided && Holds(decided)) return new KeyStep.Answer(decided);
        if (FindSole(read) is { } sole) return new KeyStep.Vote(new(true, sole));
        var isSole = read.Decided is null && read.Votes.Count == 0 && read.Came.Count == 1 && read.Came.Contains(id);
        return new KeyStep.Vote(new(isSole, own));
    }

    /// <summary>What to do after the vote was written completely, and then everything was read.</summary>
    public KeyStep AfterVoting(KeyEntries read)
    {
        if (read.Decided is { } decided && Holds(decided)) return new KeyStep.Answer(decided);
        if (FindSole(read) is not { } sole) return new KeyStep.Decide(own);
        var isAgreed = read.Decided is null
            && read.Votes.ContainsKey(id)
            && read.Votes.Values.All(v => v.IsSole && v.Record == sole);
        return isAgreed ? new KeyStep.Answer(sole) : new KeyStep.Decide(sole);
    }

    /// <summary>The record that may be somebody's answer already; there is one at most that holds.</summary>
    private IdempotencyRecord? FindSole(KeyEntries read) =>
        read.Votes.Values.FirstOrDefault(v => v.IsSole && Holds(v.Record))?.Record;
}
