using Chat.Engines.Redis.Subscriber;
using FsCheck.Xunit;

namespace Chat.Tests.Engines.Redis;

public sealed class SubscriptionMachineTests
{
    private static readonly Guid A = Id(1), B = Id(2), C = Id(3);

    private readonly SubscriptionMachine _machine = new(mostAtOnce: 2);

    [Fact]
    public void It_says_who_it_is_and_that_it_is_there_before_it_subscribes()
    {
        _machine.Want(A);
        _machine.Begin(withPassword: true, withName: true);

        Assert.Equal(["Auth", "SetName", "Ping"], Sent());
        _machine.OnOk();
        _machine.OnOk();
        Assert.Empty(Sent());
        _machine.OnPong();

        Assert.Equal(["Subscribe 1"], Sent());
    }

    [Fact]
    public void What_is_wanted_at_the_same_time_goes_together_in_bounded_pieces()
    {
        Connect();
        foreach (var id in new[] { A, B, C }) Assert.False(_machine.Want(id));

        Assert.Equal(["Subscribe 1 2", "Subscribe 3"], Sent());
        Assert.True(_machine.OnSubscribed(A));
        Assert.True(_machine.OnSubscribed(B));
        Assert.True(_machine.OnSubscribed(C));
        Assert.Equal(3, _machine.Count);
    }

    [Fact]
    public void What_was_wanted_and_dropped_before_it_was_its_turn_is_never_sent()
    {
        Connect();
        _machine.Want(A);
        _machine.Drop(A);

        Assert.Empty(Sent());
        Assert.False(_machine.Want(A));
        Assert.Equal(["Subscribe 1"], Sent());
    }

    [Fact]
    public void What_was_dropped_and_wanted_before_it_was_its_turn_still_stands()
    {
        Connect(A);
        _machine.Drop(A);

        Assert.True(_machine.Want(A));
        Assert.Empty(Sent());
    }

    [Fact]
    public void An_answer_to_an_earlier_command_confirms_no_later_one()
    {
        Connect();
        _machine.Want(A);
        Assert.Equal(["Subscribe 1"], Sent());
        _machine.Drop(A);
        Assert.Equal(["Unsubscribe 1"], Sent());
        Assert.False(_machine.Want(A));
        Assert.Equal(["Subscribe 1"], Sent());

        Assert.False(_machine.OnSubscribed(A));
        _machine.OnUnsubscribed(A);
        Assert.True(_machine.OnSubscribed(A));
    }

    [Fact]
    public void A_loss_is_over_once_all_that_stood_stands_again()
    {
        Connect(A, B);
        Assert.True(_machine.Lose());
        Assert.False(_machine.TryTakeRestored());

        Connect();
        Assert.Equal(["Subscribe 1 2"], Sent());
        _machine.OnSubscribed(A);
        Assert.False(_machine.TryTakeRestored());
        _machine.OnSubscribed(B);

        Assert.True(_machine.TryTakeRestored());
        Assert.False(_machine.TryTakeRestored());
    }

    [Fact]
    public void A_loss_within_a_loss_is_the_same_one()
    {
        Connect(A, B);
        Assert.True(_machine.Lose());
        Connect();
        Sent();
        _machine.OnSubscribed(A);

        Assert.False(_machine.Lose());
        Connect();
        Sent();
        _machine.OnSubscribed(A);
        Assert.False(_machine.TryTakeRestored());
        _machine.OnSubscribed(B);
        Assert.True(_machine.TryTakeRestored());
    }

    [Fact]
    public void What_is_wanted_no_more_is_not_waited_for_after_a_loss()
    {
        Connect(A, B);
        _machine.Lose();
        Connect();
        Sent();
        _machine.OnSubscribed(A);
        _machine.Drop(B);

        Assert.True(_machine.TryTakeRestored());
    }

    [Fact]
    public void A_connection_that_never_was_is_no_loss()
    {
        _machine.Want(A);
        _machine.Begin(withPassword: true, withName: false);
        Sent();

        Assert.Throws<InvalidOperationException>(() => _machine.OnRefused("WRONGPASS"));
        Assert.False(_machine.Lose());
        Connect();
        Assert.False(_machine.TryTakeRestored());
    }

    [Fact]
    public void A_server_that_does_not_let_us_in_is_no_connection()
    {
        _machine.Begin(withPassword: false, withName: true);
        Sent();
        _machine.OnOk();

        Assert.Throws<InvalidOperationException>(() => _machine.OnRefused("NOAUTH Authentication required."));
        Assert.False(_machine.IsConnected);
    }

    [Fact]
    public void A_server_without_names_and_passwords_is_one_all_the_same()
    {
        _machine.Begin(withPassword: true, withName: true);
        Sent();

        Assert.Empty(_machine.OnRefused("ERR AUTH <password> called without any password configured"));
        Assert.Empty(_machine.OnRefused("ERR unknown command"));
        _machine.OnPong();
        Assert.True(_machine.IsConnected);
    }

    [Fact]
    public void What_is_refused_is_said_and_the_rest_goes_on()
    {
        Connect(C);
        _machine.Want(A);
        _machine.Want(B);
        Sent();

        Assert.Equal([A, B], _machine.OnRefused("NOPERM"));
        Assert.Equal(1, _machine.Count);
        Assert.False(_machine.Want(A));
        Assert.Equal(["Subscribe 1"], Sent());
        Assert.True(_machine.OnSubscribed(A));
    }

    [Fact]
    public void What_stood_before_a_loss_and_is_refused_now_ends_the_connection()
    {
        Connect(A);
        _machine.Lose();
        Connect();
        Sent();

        Assert.Throws<InvalidOperationException>(() => _machine.OnRefused("NOPERM"));
        Assert.False(_machine.Lose());
        Connect();
        Assert.Equal(["Subscribe 1"], Sent());
    }

    [Fact]
    public void What_is_confirmed_while_it_is_dropped_stands_for_who_wants_it_before_that_was_sent()
    {
        Connect();
        _machine.Want(A);
        Sent();
        _machine.Drop(A);
        Assert.False(_machine.OnSubscribed(A));

        Assert.True(_machine.Want(A));
        Assert.Empty(Sent());
    }

    [Fact]
    public void An_answer_to_what_was_not_asked_is_none()
    {
        Connect();
        _machine.Want(A);
        Sent();

        Assert.Throws<InvalidDataException>(() => _machine.OnSubscribed(B));
        Assert.Throws<InvalidDataException>(() => _machine.OnUnsubscribed(A));
        Assert.Throws<InvalidDataException>(_machine.OnPong);
        Assert.Throws<InvalidDataException>(_machine.OnOk);
    }

    /// <summary>
    /// Against a server that does what it is told in order: what the machine says stands is subscribed there, and at the end exactly
    /// what is wanted is.
    /// </summary>
    [Property(MaxTest = 1000)]
    public void What_it_says_stands_is_subscribed_at_the_server_whatever_happens(byte[] events)
    {
        var machine = new SubscriptionMachine(mostAtOnce: 2);
        var (wanted, there, stand, lost) = (new HashSet<Guid>(), new HashSet<Guid>(), new HashSet<Guid>(), new HashSet<Guid>());
        var answers = new Queue<(SubscriberVerb Verb, Guid Id)>();
        machine.Begin(withPassword: false, withName: false);
        foreach (var e in events)
        {
            var id = Id(e % 4);
            switch (e / 4 % 8)
            {
                case 0 or 1 when wanted.Add(id):
                    if (!machine.Want(id)) break;
                    Assert.Contains(id, there);
                    stand.Add(id);
                    break;
                case 2 when wanted.Remove(id):
                    machine.Drop(id);
                    lost.Remove(id);
                    stand.Remove(id);
                    break;
                case 3:
                    Send();
                    break;
                case 7 when e > 200:
                    machine.Lose();
                    lost.UnionWith(stand);
                    stand.Clear();
                    answers.Clear();
                    there.Clear();
                    machine.Begin(withPassword: false, withName: false);
                    break;
                default:
                    Answer();
                    break;
            }
            Assert.Subset(there, stand);
            if (!machine.TryTakeRestored()) continue;
            Assert.Subset(there, lost);
            lost.Clear();
        }
        for (var i = 0; i < 4; i++)
        {
            Send();
            while (answers.Count > 0) Answer();
        }
        Assert.Equal(wanted.Order(), there.Order());
        // Who waits for one is told.
        Assert.Equal(wanted.Order(), stand.Order());
        Assert.Equal(wanted.Count, machine.Count);

        void Send()
        {
            while (machine.TryTake(out var command))
            {
                if (command.Verb == SubscriberVerb.Ping) answers.Enqueue((command.Verb, default));
                foreach (var channel in command.Channels) answers.Enqueue((command.Verb, channel));
            }
        }

        void Answer()
        {
            if (!answers.TryDequeue(out var answer)) return;
            switch (answer.Verb)
            {
                case SubscriberVerb.Ping:
                    machine.OnPong();
                    break;
                case SubscriberVerb.Subscribe:
                    there.Add(answer.Id);
                    if (!machine.OnSubscribed(answer.Id)) break;
                    Assert.Contains(answer.Id, wanted);
                    stand.Add(answer.Id);
                    break;
                case SubscriberVerb.Unsubscribe:
                    there.Remove(answer.Id);
                    machine.OnUnsubscribed(answer.Id);
                    break;
            }
        }
    }

    private static Guid Id(int number) => new(number, 0, 0, new byte[8]);

    private static string Describe(SubscriberCommand command) =>
        string.Join(' ', [$"{command.Verb}", .. command.Channels.Select(id => $"{(int)id.ToByteArray()[0]}")]);

    private void Connect(params Guid[] standing)
    {
        _machine.Begin(withPassword: false, withName: false);
        Assert.Equal(["Ping"], Sent());
        _machine.OnPong();
        foreach (var id in standing) _machine.Want(id);
        if (standing.Length > 0) Sent();
        foreach (var id in standing) Assert.True(_machine.OnSubscribed(id));
    }

    private List<string> Sent()
    {
        var sent = new List<string>();
        while (_machine.TryTake(out var command)) sent.Add(Describe(command));
        return sent;
    }
}
