using Chat.Engines.Kafka.Clients;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Kafka;

/// <summary>A client that reaches no broker is told again where they are, at a pace, until it reaches one.</summary>
public sealed class BrokerReminderTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly BrokerReminder _reminder;
    private int _reminders;

    public BrokerReminderTests() => _reminder = new(() => _reminders++, _time);

    [Fact]
    public void A_client_that_has_its_brokers_is_left_alone()
    {
        _reminder.Unanswered();
        _time.Advance(BrokerReminder.Interval);
        _reminder.Answered();
        _reminder.Unanswered();

        Assert.Equal(0, _reminders);
    }

    [Fact]
    public void A_client_without_brokers_is_reminded_once_in_each_interval()
    {
        _reminder.Unanswered();
        Pass(BrokerReminder.Interval - TimeSpan.FromTicks(1));
        Assert.Equal(0, _reminders);

        Pass(TimeSpan.FromTicks(1));
        _reminder.Unanswered();
        Assert.Equal(1, _reminders);

        Pass(BrokerReminder.Interval / 2);
        Pass(BrokerReminder.Interval / 2);
        Assert.Equal(2, _reminders);
    }

    [Fact]
    public void Reminders_end_when_the_brokers_answer()
    {
        _reminder.Unanswered();
        Pass(BrokerReminder.Interval);
        _reminder.Answered();

        _time.Advance(BrokerReminder.Interval);
        _reminder.Unanswered();

        Assert.Equal(1, _reminders);
    }

    private void Pass(TimeSpan time)
    {
        _time.Advance(time);
        _reminder.Unanswered();
    }
}
