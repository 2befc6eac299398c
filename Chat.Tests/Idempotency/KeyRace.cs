using Chat.Core.Idempotency;

namespace Chat.Tests.Idempotency;

/// <summary>
/// Claims of one key, run in every order that their steps can have, with any of them ending for good at any step: an order in which it
/// takes no more. A read begins and ends: it sees what was written before it began, and of what is written meanwhile any part, another
/// read's part or not.
/// </summary>
/// <param name="rules">What a claim does after its first and its second read; <see cref="KeyClaim"/>'s, or worse ones.</param>
internal sealed class KeyRace(int claims, KeyRace.Rules rules)
{
    private const int None = -1;

    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    private readonly KeyClaim[] _claims =
        [.. Enumerable.Range(0, claims).Select(i => new KeyClaim(IdOf(i), RecordOf(i), TimeSpan.FromDays(1)))];

    private readonly Dictionary<(int Claim, bool IsSecond, Seen Seen, long Votes), (Stage Stage, Vote Vote, int Record)> _known = [];
    private readonly HashSet<State> _visited = [];

    public sealed record Rules(Func<KeyClaim, KeyEntries, KeyStep> First, Func<KeyClaim, KeyEntries, KeyStep> Second)
    {
        public static Rules Real { get; } = new((claim, read) => claim.AfterComing(read), (claim, read) => claim.AfterVoting(read));
    }

    /// <summary>How many states there were; more than a few, or nothing was shown.</summary>
    public int States => _visited.Count;

    /// <summary>Whether in some order two claims were answered with different records: two messages of one key.</summary>
    public bool HasTwoAnswers { get; private set; }

    /// <summary>Whether in some order a claim was answered without a transaction.</summary>
    public bool AnsweredAtOnce { get; private set; }

    public bool AnsweredByTransaction { get; private set; }

    private enum Stage : byte
    {
        Begun, Coming, Came, Looking, Voting, Voted, LookingAgain, Deciding, Decided, Answered,
    }

    public KeyRace Explore()
    {
        var open = new Stack<State>();
        Add(new State(new Claim[claims], None, IsDecisionKnown: false));
        while (open.TryPop(out var state))
        {
            for (var i = 0; i < claims; i++)
            {
                foreach (var next in Step(state, i)) Add(next);
            }
        }
        return this;

        void Add(State state)
        {
            if (!_visited.Add(state)) return;
            if (state.Claims.Where(c => c.Stage == Stage.Answered).Select(c => c.Record).Distinct().Count() > 1) HasTwoAnswers = true;
            open.Push(state);
        }
    }

    private IEnumerable<State> Step(State state, int i)
    {
        var claim = state.Claims[i];
        switch (claim.Stage)
        {
            case Stage.Begun or Stage.Coming or Stage.Voting:
                return [state.With(i, claim with { Stage = claim.Stage + 1 })];
            case Stage.Came or Stage.Voted:
                return [state.With(i, claim with { Stage = claim.Stage + 1, Seen = Seen.Of(state, isComplete: true) })];
            case Stage.Looking:
                return Reads(state, claim).Select(seen => state.With(i, After(state, i, isSecond: false, seen)));
            case Stage.LookingAgain:
                return Reads(state, claim).Select(seen => state.With(i, After(state, i, isSecond: true, seen)));
            case Stage.Deciding:
                AnsweredByTransaction = true;
                var decided = state.Decided == None ? claim.Record : state.Decided;
                // One that finds a decision completes it.
                return
                [
                    (state with { Decided = decided, IsDecisionKnown = state.IsDecisionKnown || state.Decided != None })
                        .With(i, claim with { Stage = Stage.Decided, Record = decided }),
                ];
            case Stage.Decided:
                return [(state with { IsDecisionKnown = true }).With(i, claim with { Stage = Stage.Answered })];
            default:
                return [];
        }
    }

    /// <summary>What a read may show that ends now: what was complete when it began, and any part of the rest.</summary>
    private static IEnumerable<Seen> Reads(State state, Claim claim)
    {
        var all = Seen.Of(state, isComplete: false);
        foreach (var came in PartsOf(all.Came & ~claim.Seen.Came))
        {
            foreach (var votes in PartsOf(all.Votes & ~claim.Seen.Votes))
            {
                yield return new((byte)(claim.Seen.Came | came), (byte)(claim.Seen.Votes | votes), claim.Seen.HasDecision);
                if (all.HasDecision && !claim.Seen.HasDecision)
                    yield return new((byte)(claim.Seen.Came | came), (byte)(claim.Seen.Votes | votes), HasDecision: true);
            }
        }
    }

    private static IEnumerable<int> PartsOf(int mask)
    {
        for (var part = mask; ; part = (part - 1) & mask)
        {
            yield return part;
            if (part == 0) yield break;
        }
    }

    private Claim After(State state, int i, bool isSecond, Seen seen)
    {
        var decided = seen.HasDecision ? state.Decided : None;
        long shape = decided + 1;
        for (var c = 0; c < claims; c++)
            shape = (shape << 5) | (seen.HasVote(c) ? state.Claims[c].Vote.Shape : 0);
        if (!_known.TryGetValue((i, isSecond, seen, shape), out var after))
        {
            var entries = Entries(state, seen, decided);
            var step = (isSecond ? rules.Second : rules.First)(_claims[i], entries);
            after = step switch
            {
                KeyStep.Answer answer => (Stage.Answered, default, IndexOf(answer.Record)),
                KeyStep.Vote { Value: var vote } => (Stage.Voting, new Vote(true, vote.IsSole, IndexOf(vote.Record)), 0),
                _ => (Stage.Deciding, default, IndexOf(((KeyStep.Decide)step).Proposal)),
            };
            _known[(i, isSecond, seen, shape)] = after;
        }
        if (after.Stage == Stage.Answered && isSecond && decided == None) AnsweredAtOnce = true;
        return new(after.Stage, isSecond ? state.Claims[i].Vote : after.Vote, after.Record, default);
    }

    private KeyEntries Entries(State state, Seen seen, int decided) => new(
        decided == None ? null : RecordOf(decided),
        Enumerable.Range(0, claims).Where(seen.HasCome).Select(IdOf).ToHashSet(),
        Enumerable.Range(0, claims).Where(seen.HasVote).ToDictionary(
            IdOf, c => new KeyVote(state.Claims[c].Vote.IsSole, RecordOf(state.Claims[c].Vote.Record))));

    private static Guid IdOf(int claim) => new(claim + 1, 0, 0, new byte[8]);

    private static IdempotencyRecord RecordOf(int claim) => new(new(claim + 1, 1, 0, new byte[8]), $"hash {claim}", Now.AddSeconds(claim));

    private static int IndexOf(IdempotencyRecord record) => (int)(record.CreatedAt - Now).TotalSeconds;

    private readonly record struct Vote(bool IsCast, bool IsSole, int Record)
    {
        public long Shape => 16L | (IsSole ? 8L : 0L) | (uint)Record;
    }

    /// <param name="Record">What it is answered, or proposes.</param>
    /// <param name="Seen">What was complete when the read that is under way began.</param>
    private readonly record struct Claim(Stage Stage, Vote Vote, int Record, Seen Seen);

    private readonly record struct Seen(byte Came, byte Votes, bool HasDecision)
    {
        public bool HasCome(int claim) => (Came & (1 << claim)) != 0;

        public bool HasVote(int claim) => (Votes & (1 << claim)) != 0;

        public static Seen Of(State state, bool isComplete)
        {
            int came = 0, votes = 0;
            for (var i = 0; i < state.Claims.Length; i++)
            {
                var claim = state.Claims[i];
                var (hasCome, hasVoted) = isComplete ? (Stage.Came, Stage.Voted) : (Stage.Coming, Stage.Voting);
                if (claim.Stage >= hasCome) came |= 1 << i;
                // One that found a decision on its first look never voted.
                if (claim.Stage >= hasVoted && claim.Vote.IsCast) votes |= 1 << i;
            }
            return new((byte)came, (byte)votes, isComplete ? state.IsDecisionKnown : state.Decided != None);
        }
    }

    /// <param name="Decided">By the transaction; -1 for nothing.</param>
    /// <param name="IsDecisionKnown">Whether it is complete, so that every read that begins shows it.</param>
    private sealed record State(Claim[] Claims, int Decided, bool IsDecisionKnown)
    {
        public State With(int i, Claim claim)
        {
            var all = (Claim[])Claims.Clone();
            all[i] = claim;
            return this with { Claims = all };
        }

        public bool Equals(State? other) => other is not null
            && (Decided, IsDecisionKnown) == (other.Decided, other.IsDecisionKnown)
            && Claims.AsSpan().SequenceEqual(other.Claims);

        public override int GetHashCode()
        {
            var hash = new HashCode();
            hash.Add(Decided);
            hash.Add(IsDecisionKnown);
            foreach (var claim in Claims) hash.Add(claim);
            return hash.ToHashCode();
        }
    }
}
