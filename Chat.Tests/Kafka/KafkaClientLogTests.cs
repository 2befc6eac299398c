using Chat.Engines.Kafka;
using Confluent.Kafka;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Kafka;

/// <summary>librdkafka repeats itself many times a second while a broker is away; the log shows that it does, and not each time.</summary>
public sealed class KafkaClientLogTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly FakeLogger<KafkaClientLog> _logger = new();

    [Fact]
    public void Lines_of_one_kind_come_once_in_ten_seconds_with_the_number_of_those_left_out()
    {
        var log = new KafkaClientLog(_time, _logger);
        for (var i = 0; i < 5; i++) log.Write(Line("FAIL", SyslogLevel.Error, $"refused {i}"));
        _time.Advance(TimeSpan.FromSeconds(10));
        log.Write(Line("FAIL", SyslogLevel.Error, "refused 5"));

        Assert.Equal(
            [
                "librdkafka FAIL: refused 0 (0 more of this kind suppressed)",
                "librdkafka FAIL: refused 5 (4 more of this kind suppressed)",
            ],
            Lines());
    }

    [Fact]
    public void Lines_of_another_kind_are_not_left_out()
    {
        var log = new KafkaClientLog(_time, _logger);
        log.Write(Line("FAIL", SyslogLevel.Error, "a"));
        log.Write(Line("SESSTMOUT", SyslogLevel.Warning, "b"));

        Assert.Equal(2, Lines().Length);
    }

    [Theory]
    [InlineData("FAIL", SyslogLevel.Error, LogLevel.Warning)]
    [InlineData("ERROR", SyslogLevel.Error, LogLevel.Warning)]
    [InlineData("SESSTMOUT", SyslogLevel.Error, LogLevel.Error)]
    [InlineData("CONFWARN", SyslogLevel.Warning, LogLevel.Warning)]
    [InlineData("MEMBERID", SyslogLevel.Info, LogLevel.Information)]
    public void A_connection_that_the_client_makes_again_is_a_warning(string facility, SyslogLevel level, LogLevel expected)
    {
        new KafkaClientLog(_time, _logger).Write(Line(facility, level, "…"));

        Assert.Equal(expected, Assert.Single(_logger.Collector.GetSnapshot()).Level);
    }

    [Theory]
    [InlineData("Failed to acquire idempotence PID: Coordinator load in progress: retrying", LogLevel.Information)]
    [InlineData("Failed to acquire idempotence PID: Not authorized", LogLevel.Warning)]
    public void A_producer_id_that_is_asked_for_again_is_no_warning(string text, LogLevel expected)
    {
        new KafkaClientLog(_time, _logger).Write(Line("GETPID", SyslogLevel.Warning, text));

        Assert.Equal(expected, Assert.Single(_logger.Collector.GetSnapshot()).Level);
    }

    [Fact]
    public void An_error_that_was_a_line_already_is_not_written_twice_and_a_fatal_one_is_an_error()
    {
        var log = new KafkaClientLog(_time, _logger);
        log.Write(new Error(ErrorCode.Local_Transport, "down"));
        log.Write(new Error(ErrorCode.Local_AllBrokersDown, "all down"));
        log.Write(new Error(ErrorCode.Local_Fatal, "fenced", isFatal: true));

        Assert.Equal(
            [(LogLevel.Warning, "Local_AllBrokersDown"), (LogLevel.Error, "Local_Fatal")],
            _logger.Collector.GetSnapshot().Select(r => (r.Level, r.GetStructuredStateValue("Facility")!)));
    }

    [Theory]
    [InlineData(ErrorCode.Local_Authentication, "SASL authentication error", "Kafka:Sasl:Password")]
    [InlineData(ErrorCode.UnsupportedSaslMechanism, "not enabled", "Kafka:Sasl:Mechanism")]
    [InlineData(ErrorCode.Local_Ssl, "SSL handshake failed: certificate verify failed", "Kafka:Tls:CaFile")]
    public void What_a_person_has_to_change_is_an_error_with_the_setting(ErrorCode code, string reason, string setting)
    {
        new KafkaClientLog(_time, _logger).Write(new Error(code, reason));

        var line = Assert.Single(_logger.Collector.GetSnapshot());
        Assert.Equal(LogLevel.Error, line.Level);
        Assert.Contains(setting, line.Message, StringComparison.Ordinal);
        Assert.Contains(reason, line.Message, StringComparison.Ordinal);
    }

    private static LogMessage Line(string facility, SyslogLevel level, string text) => new("chat#1", level, facility, text);

    private string[] Lines() => [.. _logger.Collector.GetSnapshot().Select(r => r.Message)];
}
