using System.Net;
using System.Text.Json;
using Chat.MetaSimulator.Webhooks;
using Chat.Tests.Graph;

namespace Chat.Tests.MetaSimulator;

/// <summary>What goes wrong on request.</summary>
public sealed class FaultTests
{
    [Fact]
    public async Task A_lost_answer_is_a_message_that_was_taken_once()
    {
        await using var rig = await SimulatorRig.StartAsync(SimulatorRig.Quick(lostAnswers: 1));
        await rig.OpenWindowsAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => rig.SendTextAsync("Olá", opaque: "ours"));
        await rig.ToldAsync();

        var taken = Assert.Single(await rig.TakenAsync());
        Assert.Equal("ours", taken.GetProperty("opaqueData").GetString());
        Assert.Equal(["sent", "delivered"], rig.Receiver.StatusesOf(taken.GetProperty("id").GetString()!));
    }

    [Fact]
    public async Task A_lost_request_is_a_message_that_was_not_taken()
    {
        await using var rig = await SimulatorRig.StartAsync(SimulatorRig.Quick(lostRequests: 1));
        await rig.OpenWindowsAsync();

        await Assert.ThrowsAsync<HttpRequestException>(() => rig.SendTextAsync("Olá"));

        Assert.Empty(await rig.TakenAsync());
    }

    [Fact]
    public async Task What_is_not_answered_with_200_comes_again_with_the_same_bytes()
    {
        await using var rig = await SimulatorRig.StartAsync();
        rig.Receiver.Answer = _ => rig.Receiver.All.Count < 4 ? HttpStatusCode.InternalServerError : HttpStatusCode.OK;

        await rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/messages", new { text = "Oi" });
        await rig.ToldAsync();

        Assert.Equal(4, rig.Receiver.All.Count);
        Assert.Single(rig.Receiver.All.Select(r => Convert.ToHexString(r.Body)).Distinct());
    }

    [Fact]
    public async Task What_comes_again_is_signed_with_the_secret_that_the_app_has_by_then()
    {
        await using var rig = await SimulatorRig.StartAsync();
        rig.Receiver.Answer = r => r.Signature == MetaJson.Sign("another", r.Body) ? HttpStatusCode.OK : HttpStatusCode.Unauthorized;

        await rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/messages", new { text = "Oi" });
        await Until.TrueAsync(() => rig.Receiver.All.Count > 0, "it was refused once");
        await rig.ControlAsync(HttpMethod.Put, "apps/tests", new { secret = "another", callbackUrl = rig.Receiver.Address });

        await rig.ToldAsync();
    }

    [Fact]
    public async Task Duplicates_and_redeliveries_come_again_and_nothing_is_lost()
    {
        await using var rig = await SimulatorRig.StartAsync(SimulatorRig.Quick(duplicates: 0.5, redeliveries: 0.5, batchSize: 5));

        for (var i = 0; i < 40; i++) await rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/messages", new { text = $"{i}" });
        await rig.ToldAsync();

        var texts = Texts(rig);
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{i}").Order(), texts.Distinct().Order());
        Assert.True(texts.Count > 50, $"{texts.Count} came");
    }

    [Fact]
    public async Task Without_disorder_a_chat_is_told_in_order_and_with_it_not()
    {
        await using var rig = await SimulatorRig.StartAsync();
        for (var i = 0; i < 20; i++) await rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/messages", new { text = $"{i}" });
        await rig.ToldAsync();
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}"), Texts(rig));

        await rig.ControlAsync(HttpMethod.Put, "faults", SimulatorRig.Quick(disorder: 0.5));
        for (var i = 20; i < 40; i++) await rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/messages", new { text = $"{i}" });
        await rig.ToldAsync();
        Assert.NotEqual(Enumerable.Range(0, 40).Select(i => $"{i}"), Texts(rig));
        Assert.Equal(40, Texts(rig).Distinct().Count());
    }

    [Fact]
    public async Task One_POST_has_as_many_updates_as_was_asked_for_in_arrays_of_every_length()
    {
        await using var rig = await SimulatorRig.StartAsync(SimulatorRig.Quick(batchSize: 1000));
        // While the first is not answered, the others gather.
        using var gate = new ManualResetEventSlim();
        rig.Receiver.Answer = _ =>
        {
            gate.Wait(Until.Deadline, TestContext.Current.CancellationToken);
            return HttpStatusCode.OK;
        };
        await rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/messages", new { text = "first" });
        await Until.TrueAsync(() => rig.Receiver.All.Count == 1, "the first POST is under way");
        for (var i = 0; i < 200; i++) await rig.PhoneAsync($"chats/whatsapp/{SimulatorRig.Number}/messages", new { text = $"{i}" });
        gate.Set();
        await rig.ToldAsync();

        var body = rig.Receiver.All[1].Json;
        Assert.Equal(2, rig.Receiver.All.Count);
        var values = body.GetProperty("entry").EnumerateArray()
            .SelectMany(e => e.GetProperty("changes").EnumerateArray())
            .Select(c => c.GetProperty("value").GetProperty("messages").GetArrayLength())
            .ToList();
        Assert.Equal(200, values.Sum());
        Assert.Contains(values, v => v == 1);
        Assert.Contains(values, v => v > 2);
        Assert.True(body.GetProperty("entry").GetArrayLength() > 1);
    }

    [Fact]
    public async Task Two_simulators_of_one_seed_give_the_same_ids()
    {
        await using var one = await SimulatorRig.StartAsync();
        await using var two = await SimulatorRig.StartAsync();

        Assert.Equal((await one.SendTextAsync("a")).Body, (await two.SendTextAsync("a")).Body);
    }

    [Fact]
    public async Task A_callback_that_does_not_know_the_token_is_not_taken()
    {
        await using var rig = await SimulatorRig.StartAsync();

        var refused = await Assert.ThrowsAnyAsync<Exception>(() => rig.ControlAsync(HttpMethod.Put, "apps/other", new
        {
            secret = "s",
            callbackUrl = rig.Receiver.Address,
            verifyToken = "wrong",
        }));

        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
    }

    private static List<string> Texts(SimulatorRig rig) =>
        [.. rig.Receiver.Items("messages").Select((JsonElement m) => m.GetProperty("text").GetProperty("body").GetString()!)];
}
