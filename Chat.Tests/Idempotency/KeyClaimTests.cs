using Chat.Core.Idempotency;

namespace Chat.Tests.Idempotency;

/// <summary>One key, one record: in every order that the steps of its claims can have.</summary>
public sealed class KeyClaimTests
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Claims_in_any_order_with_any_of_them_ended_halfway_are_answered_with_one_record(int claims)
    {
        var race = new KeyRace(claims, KeyRace.Rules.Real).Explore();

        Assert.False(race.HasTwoAnswers);
        Assert.True(race.AnsweredAtOnce && race.AnsweredByTransaction);
        Assert.True(race.States > 100 * claims, $"only {race.States} states");
    }

    /// <summary>What the search is worth: each rule that is left out makes two messages of one key somewhere.</summary>
    [Fact]
    public void Without_the_second_look_two_claims_have_two_records() => AssertTwoAnswers(KeyRace.Rules.Real with
    {
        First = (claim, read) => claim.AfterComing(read) is KeyStep.Vote { Value: { IsSole: true } vote }
            ? new KeyStep.Answer(vote.Record)
            : claim.AfterVoting(read),
    });

    [Fact]
    public void Where_a_claim_thinks_that_it_came_alone_without_looking_three_have_two_records() => AssertTwoAnswers(
        KeyRace.Rules.Real with
        {
            First = (claim, read) => claim.AfterComing(read with { Came = new HashSet<Guid> { claim.Id } }),
        });

    [Fact]
    public void Where_a_claim_proposes_its_own_record_although_another_may_be_answered_two_have_two_records() => AssertTwoAnswers(
        KeyRace.Rules.Real with
        {
            Second = (claim, read) => claim.AfterVoting(read) is KeyStep.Decide
                ? claim.AfterVoting(read with { Votes = new Dictionary<Guid, KeyVote>() })
                : claim.AfterVoting(read),
        });

    [Fact]
    public void Claim_that_is_alone_asks_for_no_transaction_and_neither_do_those_that_come_after_it()
    {
        var (first, second) = (RecordAt(Now), RecordAt(Now.AddHours(2)));
        var (one, two) = (Guid.NewGuid(), Guid.NewGuid());
        var claim = new KeyClaim(one, first, Day);

        var vote = Assert.IsType<KeyStep.Vote>(claim.AfterComing(Read(came: [one]))).Value;
        Assert.Equal(new(IsSole: true, first), vote);
        Assert.Equal(new KeyStep.Answer(first), claim.AfterVoting(Read([one], (one, vote))));

        claim = new(two, second, Day);
        Assert.Equal(new KeyStep.Vote(vote), claim.AfterComing(Read([one, two], (one, vote))));
        Assert.Equal(new KeyStep.Answer(first), claim.AfterVoting(Read([one, two], (one, vote), (two, vote))));
    }

    [Fact]
    public void Claim_after_one_that_ended_before_its_vote_asks_for_a_transaction()
    {
        var (own, id) = (RecordAt(Now), Guid.NewGuid());
        var claim = new KeyClaim(id, own, Day);

        var vote = Assert.IsType<KeyStep.Vote>(claim.AfterComing(Read(came: [Guid.NewGuid(), id]))).Value;

        Assert.Equal(new(IsSole: false, own), vote);
        Assert.Equal(new KeyStep.Decide(own), claim.AfterVoting(Read([id], (id, vote))));
    }

    [Fact]
    public void Record_that_is_too_old_answers_nothing_and_a_transaction_replaces_it()
    {
        var (old, atTheEdge, own) = (RecordAt(Now - Day - TimeSpan.FromMilliseconds(1)), RecordAt(Now - Day), RecordAt(Now));
        var (one, id) = (Guid.NewGuid(), Guid.NewGuid());
        var claim = new KeyClaim(id, own, Day);

        Assert.Equal(new KeyStep.Vote(new(false, own)), claim.AfterComing(Read([one, id], (one, new(true, old)))));
        Assert.Equal(new KeyStep.Decide(own), claim.AfterVoting(Read([one, id], (one, new(true, old)), (id, new(false, own)))));
        Assert.Equal(new KeyStep.Vote(new(false, own)), claim.AfterComing(Read(came: [id]) with { Decided = old }));
        Assert.Equal(new KeyStep.Decide(own), claim.AfterVoting(Read([id], (id, new(true, own))) with { Decided = old }));
        Assert.Equal(new KeyStep.Answer(atTheEdge), claim.AfterComing(Read(came: [id]) with { Decided = atTheEdge }));
        Assert.Equal(new KeyStep.Vote(new(true, atTheEdge)), claim.AfterComing(Read([one, id], (one, new(true, atTheEdge)))));
    }

    /// <summary>After an erasure the store hides what claims write: the transaction is seen all the same.</summary>
    [Fact]
    public void Claim_that_does_not_see_what_it_wrote_asks_for_a_transaction()
    {
        var own = RecordAt(Now);
        var claim = new KeyClaim(Guid.NewGuid(), own, Day);

        Assert.Equal(new KeyStep.Vote(new(false, own)), claim.AfterComing(Read(came: [])));
        Assert.Equal(new KeyStep.Decide(own), claim.AfterVoting(Read(came: [])));
    }

    private static void AssertTwoAnswers(KeyRace.Rules rules) => Assert.True(new KeyRace(3, rules).Explore().HasTwoAnswers);

    private static IdempotencyRecord RecordAt(DateTimeOffset at) => new(Guid.NewGuid(), "hash", at);

    private static KeyEntries Read(Guid[] came, params (Guid Claim, KeyVote Vote)[] votes) =>
        new(null, came.ToHashSet(), votes.ToDictionary(v => v.Claim, v => v.Vote));
}
