using System.Net;
using System.Text.Json;
using Chat.Core.Log;
using Chat.Tests.Compliance;
using Chat.Tests.Graph;

namespace Chat.Tests.Api.Operations;

/// <summary>What is read from the log is the same where that is Kafka: no process that consumes need be this one.</summary>
public sealed class OperationsOnKafkaTests(KafkaServer kafka) : IClassFixture<KafkaServer>
{
    [Fact]
    public async Task Lag_and_dead_letters_are_read_from_the_brokers_and_one_goes_back_once()
    {
        Assert.SkipWhen(
            kafka.Address is null,
            $"No Kafka: set ConnectionStrings__kafka, or {KafkaServer.RunVariable} to a program that runs a broker.");
        await using var api = await ApiHost.StartAsync(new()
        {
            ["ConnectionStrings:kafka"] = kafka.Address,
            // What the environment names for other suites is not this one's.
            ["ConnectionStrings:redis"] = "",
            ["ConnectionStrings:cassandra"] = "",
        });
        var desk = new Desk();
        foreach (var _ in (int[])[1, 2]) (await api.PostAsync("/v1/messages", desk.Token, desk.Body())).Is(HttpStatusCode.Accepted);
        var bad = new LogEvent(0, $"{desk.Conversation}", "{}"u8.ToArray(), DateTimeOffset.UnixEpoch, []);
        for (var i = 0; i < 3; i++)
        {
            await api.Log.AppendAsync(
                DeadLetters.From(new("msg.status", 0), bad with { Offset = i }, $"number {i}"), TestContext.Current.CancellationToken);
        }

        // A broker that is busy may not answer in time, which the page says too; it is asked again after some seconds.
        JsonElement engines = default;
        await Until.TrueAsync(
            async () =>
            {
                engines = (await api.GetAsync("/v1/operations", Operator.Token)).Is(HttpStatusCode.OK).Json.GetProperty("engines");
                return engines.EnumerateObject().All(part => part.Value.ValueKind != JsonValueKind.Null);
            },
            "every part of the engines is shown");
        var page = (await api.GetAsync("/v1/operations/dead-letters?limit=2", Operator.Token)).Is(HttpStatusCode.OK).Json;

        Assert.Equal(2, engines.GetProperty("lag")[0].GetProperty("events").GetInt64());
        var kept = engines.GetProperty("deadLetters").EnumerateArray().Single(d => d.Text("topic") == "msg.status");
        Assert.Equal(3, kept.GetProperty("kept").GetInt64());
        Assert.Equal(2, page.GetProperty("items").GetArrayLength());
        var letter = page.GetProperty("items")[0];
        Assert.Equal("number 2", letter.Text("reason"));
        var path = $"/v1/operations/dead-letters/msg.status/{letter.GetProperty("partition")}/{letter.GetProperty("offset")}/put-back";
        (await api.SendAsync(HttpMethod.Post, path, Operator.Token, null)).Is(HttpStatusCode.OK);
        (await api.SendAsync(HttpMethod.Post, path, Operator.Token, null)).IsProblem(HttpStatusCode.Conflict);
        Assert.Single(await api.ReadAsync("msg.status", _ => true, 1));
    }
}
