using Chat.Core.Log;
using Chat.Engines.Kafka;
using Chat.Tests.Compliance;
using Confluent.Kafka;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.Kafka;

/// <summary>An append ends, whatever becomes of its client. No broker is needed: none is there.</summary>
public sealed class KafkaAppendTests : IAsyncDisposable
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    private static readonly Error Answered = new(ErrorCode.NoError);

    private readonly IHost _host;

    public KafkaAppendTests()
    {
        var builder = Host.CreateApplicationBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:kafka"] = $"127.0.0.1:{ServerProcess.FreePorts()}",
            ["Kafka:DeliveryTimeout"] = "00:10:00",
            ["Kafka:RequestTimeout"] = "00:00:03",
        });
        builder.AddKafkaEventLog();
        _host = builder.Build();
    }

    public async ValueTask DisposeAsync() => await ((IAsyncDisposable)_host).DisposeAsync();

    [Fact]
    public async Task Appends_that_wait_for_a_producer_fail_when_it_is_replaced()
    {
        using var deadline = new Deadline();
        var clients = _host.Services.GetRequiredService<KafkaClients>();
        var (producer, one) = clients.Begin(1);
        var (_, other) = clients.Begin(1);
        producer.Produce("t", new() { Key = "k", Value = [] }, report => one.Report(0, report));
        Assert.False(one.Task.IsCompleted);

        clients.Replace(producer, new Error(ErrorCode.Local_Fatal));

        await Assert.ThrowsAsync<KafkaException>(() => one.Task.WaitAsync(deadline.Token));
        await Assert.ThrowsAsync<KafkaException>(() => other.Task.WaitAsync(deadline.Token));
        var (next, later) = clients.Begin(1);
        Assert.NotSame(producer, next);
        // What is said of the old one again changes nothing.
        clients.Replace(producer, new Error(ErrorCode.Local_Fatal));
        Assert.False(later.Task.IsCompleted);
        Assert.Same(next, clients.Producer);
    }

    [Fact]
    public async Task Appends_that_wait_fail_when_the_program_ends()
    {
        using var deadline = new Deadline();
        var clients = _host.Services.GetRequiredService<KafkaClients>();
        var (_, append) = clients.Begin(1);

        clients.Dispose();

        await Assert.ThrowsAsync<KafkaException>(() => append.Task.WaitAsync(deadline.Token));
    }

    [Fact]
    public async Task An_append_of_which_the_client_says_nothing_fails_in_time()
    {
        var time = new FakeTimeProvider();
        var append = new PendingAppend(1);

        var waiting = append.WaitAsync(TimeSpan.FromSeconds(30), time, Cancellation);
        time.Advance(TimeSpan.FromSeconds(29));
        Assert.False(waiting.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal(ErrorCode.Local_MsgTimedOut, (await Assert.ThrowsAsync<KafkaException>(() => waiting)).Error.Code);
    }

    [Theory]
    [InlineData(PersistenceStatus.NotPersisted, 7)]
    [InlineData(PersistenceStatus.PossiblyPersisted, 7)]
    [InlineData(PersistenceStatus.Persisted, -1001)]
    public async Task An_event_that_no_broker_has_answered_for_fails_its_append(PersistenceStatus status, long offset)
    {
        var append = new PendingAppend(2);

        append.Report(0, new() { Status = status, Offset = offset, Error = Answered });
        append.Report(1, new() { Status = PersistenceStatus.Persisted, Offset = 8, Error = Answered });

        Assert.Equal(ErrorCode.Local_Fail, (await Assert.ThrowsAsync<KafkaException>(() => append.Task)).Error.Code);
    }

    [Fact]
    public async Task Callers_that_ask_for_a_topic_while_no_broker_answers_wait_together()
    {
        var log = _host.Services.GetRequiredService<IEventLog>();

        var appends = Enumerable.Range(0, 30)
            .Select(i => log.AppendAsync([new NewEvent("t", $"{i}", "x"u8.ToArray())], Cancellation).AsTask());
        var errors = await Task.WhenAll(appends.Select(a => Assert.ThrowsAnyAsync<KafkaException>(() => a)));

        // The one answer that there is; one after another they would have asked thirty times.
        Assert.All(errors, error => Assert.Same(errors[0], error));
    }
}
