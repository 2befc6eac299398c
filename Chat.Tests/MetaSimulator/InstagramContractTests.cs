using System.Net;
using System.Text.Json.Nodes;
using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.World;
using Chat.Tests.Api;

namespace Chat.Tests.MetaSimulator;

/// <summary>That the simulator answers and tells what Instagram's documentation says, over real HTTP.</summary>
public sealed class InstagramContractTests : IAsyncLifetime
{
    private const string Chat = $"chats/instagram/{SimulatorRig.InstagramId}";

    private SimulatorRig _rig = null!;

    public async ValueTask InitializeAsync()
    {
        _rig = await SimulatorRig.StartAsync();
        await _rig.OpenWindowsAsync();
    }

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    [Fact]
    public async Task A_message_is_answered_with_its_id_and_comes_back_as_an_echo()
    {
        var answer = (await _rig.SendInstagramAsync(new { text = "Olá" })).Is(HttpStatusCode.OK).Json;
        await _rig.ToldAsync();

        Assert.Equal(SimulatorRig.Igsid, answer.GetProperty("recipient_id").GetString());
        var mid = answer.GetProperty("message_id").GetString()!;
        Assert.True(mid.Length > 100, mid);
        var echo = Assert.Single(_rig.Receiver.Items("messaging"));
        Assert.Equal(SimulatorRig.InstagramId, echo.GetProperty("sender").GetProperty("id").GetString());
        Assert.Equal(mid, echo.GetProperty("message").GetProperty("mid").GetString());
        Assert.True(echo.GetProperty("message").GetProperty("is_echo").GetBoolean());
    }

    [Fact]
    public async Task Opening_the_chat_names_the_last_message_alone_and_nothing_tells_of_delivery()
    {
        await SendAsync("1");
        var last = await SendAsync("2");
        await _rig.PhoneAsync($"{Chat}/open");
        await _rig.ToldAsync();

        var others = _rig.Receiver.Items("messaging").Where(m => !m.TryGetProperty("message", out _)).ToList();
        Assert.Equal(last, Assert.Single(others).GetProperty("read").GetProperty("mid").GetString());
    }

    [Fact]
    public async Task A_text_has_1000_bytes_and_not_characters()
    {
        (await _rig.SendInstagramAsync(new { text = new string('é', 500) })).Is(HttpStatusCode.OK);
        AssertError(await _rig.SendInstagramAsync(new { text = new string('é', 501) }), 100);
    }

    [Fact]
    public async Task Text_beside_a_file_is_two_messages() => AssertError(
        await _rig.SendInstagramAsync(new { text = "a", attachment = new { type = "image", payload = new { url = "https://a.b/c.png" } } }),
        100);

    [Fact]
    public async Task After_24_hours_only_a_person_may_answer_and_after_7_days_nobody()
    {
        await _rig.PhoneAsync($"{Chat}/wrote", new { secondsAgo = 90_000 });
        AssertError(await _rig.SendInstagramAsync(new { text = "a" }), 10, 2534022);
        (await AsPersonAsync()).Is(HttpStatusCode.OK);
        await _rig.PhoneAsync($"{Chat}/wrote", new { secondsAgo = 700_000 });
        AssertError(await AsPersonAsync(), 10, 2534022);
        await _rig.PhoneAsync($"{Chat}/wrote", new { });
        AssertError(await _rig.SendInstagramAsync(new { text = "nobody wrote yet" }), 10, 2534022);

        Task<Answer> AsPersonAsync() => _rig.PostAsync(
            $"/v25.0/me/messages",
            new
            {
                recipient = new { id = SimulatorRig.Igsid },
                messaging_type = "MESSAGE_TAG",
                tag = "HUMAN_AGENT",
                message = new { text = "a" },
            },
            SimulatorRig.InstagramToken);
    }

    [Fact]
    public async Task Who_blocked_the_account_and_who_is_nobody_are_told_at_once()
    {
        AssertError(await _rig.SendInstagramAsync(new { text = "a" }, "123"), 100, 2534014);
        await _rig.PhoneAsync($"{Chat}/block", new { isBlocked = true });
        AssertError(await _rig.SendInstagramAsync(new { text = "a" }), 551, 1545041);
    }

    [Fact]
    public async Task What_a_person_does_comes_in_milliseconds_each_in_its_member()
    {
        await _rig.PhoneAsync($"{Chat}/messages", new { text = "Oi" });
        await _rig.ToldAsync();
        var own = _rig.Receiver.Items("messaging")[0];
        var mid = own.GetProperty("message").GetProperty("mid").GetString();
        Assert.True(own.GetProperty("timestamp").GetInt64() > 1_700_000_000_000);
        Assert.Equal(SimulatorRig.Igsid, own.GetProperty("sender").GetProperty("id").GetString());

        await _rig.PhoneAsync($"{Chat}/edits", new { messageId = mid, text = "Olá" });
        await _rig.PhoneAsync($"{Chat}/reactions", new { messageId = mid, emoji = "❤" });
        await _rig.PhoneAsync($"{Chat}/deletions", new { messageId = mid });
        await _rig.PhoneAsync($"{Chat}/echoes", new { text = "written in the app" });
        await _rig.ToldAsync();

        var all = _rig.Receiver.Items("messaging").Skip(1).ToList();
        Assert.Equal(mid, all[0].GetProperty("message_edit").GetProperty("mid").GetString());
        Assert.Equal("love", all[1].GetProperty("reaction").GetProperty("reaction").GetString());
        Assert.True(all[2].GetProperty("message").GetProperty("is_deleted").GetBoolean());
        Assert.True(all[3].GetProperty("message").GetProperty("is_echo").GetBoolean());
    }

    [Fact]
    public async Task Actions_type_see_and_react()
    {
        await _rig.PhoneAsync($"{Chat}/messages", new { text = "Oi" });
        await _rig.ToldAsync();
        var mid = _rig.Receiver.Items("messaging")[0].GetProperty("message").GetProperty("mid").GetString();

        (await ActAsync(new { recipient = new { id = SimulatorRig.Igsid }, sender_action = "typing_on" })).Is(HttpStatusCode.OK);
        (await ActAsync(new { recipient = new { id = SimulatorRig.Igsid }, sender_action = "mark_seen" })).Is(HttpStatusCode.OK);
        (await ActAsync(new
        {
            recipient = new { id = SimulatorRig.Igsid },
            sender_action = "react",
            payload = new { message_id = mid, reaction = "love" },
        })).Is(HttpStatusCode.OK);

        var chat = (await _rig.PhoneAsync()).GetProperty("chats").EnumerateArray()
            .First(c => c.GetProperty("channel").GetString() == "instagram");
        Assert.True(chat.GetProperty("isTyping").GetBoolean());
        var message = Assert.Single(chat.GetProperty("messages").EnumerateArray());
        Assert.True(message.GetProperty("isSeen").GetBoolean());
        Assert.Equal("❤", message.GetProperty("businessReaction").GetString());

        Task<Answer> ActAsync(object body) =>
            _rig.PostAsync($"/v25.0/{SimulatorRig.InstagramId}/messages", body, SimulatorRig.InstagramToken);
    }

    [Fact]
    public async Task An_account_has_two_ids_and_its_token_is_refreshed_once_it_is_a_day_old()
    {
        var me = (await _rig.GetAsync("/v25.0/me?fields=id,user_id", SimulatorRig.InstagramToken)).Is(HttpStatusCode.OK).Json;
        Assert.Equal(SimulatorRig.InstagramId, me.GetProperty("user_id").GetString());
        Assert.NotEqual(SimulatorRig.InstagramId, me.GetProperty("id").GetString());
        AssertError(await RefreshAsync(SimulatorRig.InstagramToken), 100);
        await AddTokenAsync("old", DateTimeOffset.UtcNow.AddDays(-50), DateTimeOffset.UtcNow.AddDays(10));
        await AddTokenAsync("over", DateTimeOffset.UtcNow.AddDays(-70), DateTimeOffset.UtcNow.AddDays(-10));

        var fresh = (await RefreshAsync("old")).Is(HttpStatusCode.OK).Json;

        Assert.Equal(5_184_000, fresh.GetProperty("expires_in").GetInt32());
        (await _rig.GetAsync("/v25.0/me", fresh.GetProperty("access_token").GetString())).Is(HttpStatusCode.OK);
        AssertError(await RefreshAsync("over"), 190, 463);

        Task<Answer> RefreshAsync(string token) => _rig.GetAsync($"/refresh_access_token?grant_type=ig_refresh_token&access_token={token}");
        Task AddTokenAsync(string token, DateTimeOffset issued, DateTimeOffset expires) => _rig.ControlAsync(
            HttpMethod.Put,
            $"accounts/instagram/{SimulatorRig.InstagramId}",
            new { accessToken = token, accessTokenIssuedAt = issued, accessTokenExpiresAt = expires });
    }

    [Fact]
    public async Task Each_edit_of_a_message_has_its_number()
    {
        await _rig.PhoneAsync($"{Chat}/messages", new { text = "Oi" });
        await _rig.ToldAsync();
        var mid = _rig.Receiver.Items("messaging")[0].GetProperty("message").GetProperty("mid").GetString();

        foreach (var text in new[] { "Olá", "Olá!" }) await _rig.PhoneAsync($"{Chat}/edits", new { messageId = mid, text });
        await _rig.ToldAsync();

        Assert.Equal(
            [1, 2], _rig.Receiver.Items("messaging").Skip(1).Select(m => m.GetProperty("message_edit").GetProperty("num_edit").GetInt32()));
    }

    [Fact]
    public async Task Only_the_fields_that_were_subscribed_are_told()
    {
        var apps = $"/v25.0/{SimulatorRig.InstagramId}/subscribed_apps";
        AssertError(await _rig.PostAsync(apps, new { }, SimulatorRig.InstagramToken), 100);
        AssertError(await _rig.PostAsync($"{apps}?subscribed_fields=messages,none", new { }, SimulatorRig.InstagramToken), 100);
        (await _rig.PostAsync($"{apps}?subscribed_fields=messages,message_edit", new { }, SimulatorRig.InstagramToken))
            .Is(HttpStatusCode.OK);

        var told = (await _rig.GetAsync(apps, SimulatorRig.InstagramToken)).Is(HttpStatusCode.OK).Json.GetProperty("data")[0];
        await SendAsync("1");
        await _rig.PhoneAsync($"{Chat}/open");
        await _rig.PhoneAsync($"{Chat}/messages", new { text = "Oi" });
        await _rig.ToldAsync();

        Assert.Equal(["messages", "message_edit"], told.GetProperty("subscribed_fields").EnumerateArray().Select(f => f.GetString()));
        Assert.All(_rig.Receiver.Items("messaging"), m => Assert.True(m.TryGetProperty("message", out _), m.GetRawText()));
        Assert.Equal(2, _rig.Receiver.Items("messaging").Count);
    }

    [Theory]
    [InlineData("?subscribed_fields=messages, messaging_referral,comments", "application/json", "{}")]
    [InlineData("", "application/x-www-form-urlencoded", "subscribed_fields=messages%2Cmessaging_referral%2Ccomments")]
    [InlineData("", "application/json", """{"subscribed_fields":"messages,messaging_referral,comments"}""")]
    [InlineData("", "application/json", """{"subscribed_fields":["messages","messaging_referral","comments"]}""")]
    public async Task Fields_that_Meta_knows_are_taken_in_the_address_a_form_or_an_object(string query, string type, string body)
    {
        var apps = $"/v25.0/{SimulatorRig.InstagramId}/subscribed_apps";
        using var request = new HttpRequestMessage(HttpMethod.Post, apps + query) { Content = new StringContent(body) };
        request.Content.Headers.ContentType = new(type);
        request.Headers.Authorization = new("Bearer", SimulatorRig.InstagramToken);
        using var response = await _rig.RawAsync(request);
        (await Answer.OfAsync(response)).Is(HttpStatusCode.OK);

        var told = (await _rig.GetAsync(apps, SimulatorRig.InstagramToken)).Json.GetProperty("data")[0];
        Assert.Equal(
            ["messages", "messaging_referral", "comments"],
            told.GetProperty("subscribed_fields").EnumerateArray().Select(f => f.GetString()));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_refused()
    {
        AssertError(await SendImageAsync(new { attachment_id = "123" }), 100);
        AssertError(await SendImageAsync(new { url = new Uri(_rig.Simulator.Address, "/cdn/none") }), 100, 2018008);
        AssertError(await SendImageAsync(new { url = new Uri(_rig.Simulator.Address, "/phone") }), 100, 2018008);
        AssertError(await SendImageAsync(new { url = _rig.Simulator.Address }), 100, 2018008);
        Assert.Empty(await _rig.TakenAsync());

        var url = new Uri(_rig.Simulator.Address, $"/cdn/{await _rig.UploadAsync("image/png")}");
        (await SendImageAsync(new { url })).Is(HttpStatusCode.OK);
        await _rig.ToldAsync();

        var echo = Assert.Single(_rig.Receiver.Items("messaging")).GetProperty("message");
        Assert.Equal($"{url}", echo.GetProperty("attachments")[0].GetProperty("payload").GetProperty("url").GetString());

        Task<Answer> SendImageAsync(object payload) => _rig.SendInstagramAsync(new { attachment = new { type = "image", payload } });
    }

    [Fact]
    public async Task A_file_that_was_kept_goes_by_its_id()
    {
        var url = new Uri(_rig.Simulator.Address, $"/cdn/{await _rig.UploadAsync("image/png")}");
        AssertError(await KeepAsync(new { url = new Uri(_rig.Simulator.Address, "/cdn/none") }), 100, 2018008);
        AssertError(await KeepAsync(new { }), 100);
        var id = (await KeepAsync(new { url })).Is(HttpStatusCode.OK).Json.GetProperty("attachment_id").GetString();

        (await SendAsync(id)).Is(HttpStatusCode.OK);
        AssertError(await SendAsync(id, "123"), 100);

        await _rig.ToldAsync();
        var echo = Assert.Single(_rig.Receiver.Items("messaging")).GetProperty("message").GetProperty("attachments")[0];
        var given = echo.GetProperty("payload").GetProperty("url").GetString()!;
        Assert.Equal(_rig.Simulator.Address.Authority, new Uri(given).Authority);
        (await _rig.GetAsync(given)).Is(HttpStatusCode.OK);

        Task<Answer> KeepAsync(object payload) => _rig.PostAsync(
            $"/v25.0/{SimulatorRig.InstagramId}/message_attachments",
            new { message = new { attachment = new { type = "image", payload } } },
            SimulatorRig.InstagramToken);

        Task<Answer> SendAsync(params string?[] ids) => _rig.SendInstagramAsync(new
        {
            attachments = ids.Select(i => new { type = "image", payload = new { attachment_id = i } }),
        });
    }

    [Fact]
    public void An_early_echo_is_told_before_an_answer_can_come()
    {
        var world = new MetaWorld(7) { Faults = new() { EarlyEchoes = 1 } };
        var account = world.GetOrAddAccount(ChannelNames.Instagram, SimulatorRig.InstagramId);
        var now = DateTimeOffset.UnixEpoch;
        var thread = world.SetPerson("ana", "Ana", null, null, null, SimulatorRig.Igsid).With(account);
        thread.LastWroteAt = now;
        for (var i = 0; i < 20; i++)
        {
            var body = new JsonObject
            {
                ["recipient"] = new JsonObject { ["id"] = SimulatorRig.Igsid },
                ["message"] = new JsonObject { ["text"] = $"{i}" },
            };
            Assert.True(world.PostInstagram(account, body, now).IsOk);
            Assert.Equal(now, world.Updates.NextDue());
            world.Updates.Take(now, world.Faults, _ => null);
        }
    }

    private async Task<string> SendAsync(string text) =>
        (await _rig.SendInstagramAsync(new { text })).Is(HttpStatusCode.OK).Json.GetProperty("message_id").GetString()!;

    private static void AssertError(Answer answer, int code, int? subcode = null)
    {
        Assert.False(answer.Status == HttpStatusCode.OK, answer.Body);
        var error = answer.Json.GetProperty("error");
        Assert.Equal(code, error.GetProperty("code").GetInt32());
        if (subcode is { } expected) Assert.Equal(expected, error.GetProperty("error_subcode").GetInt32());
    }
}
