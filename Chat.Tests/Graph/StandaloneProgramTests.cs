using System.Net;
using System.Net.Sockets;

namespace Chat.Tests.Graph;

/// <summary>Chat.Standalone as a program: how it starts, what it prints, how it ends.</summary>
public sealed class StandaloneProgramTests : IDisposable
{
    private readonly StandaloneProcess _standalone = new();

    public void Dispose() => _standalone.Dispose();

    [Fact]
    public async Task It_says_what_it_is_where_its_data_is_and_the_one_address_to_open()
    {
        await _standalone.StartAsync();

        Assert.Contains(_standalone.Output, l => l.StartsWith("Chat ", StringComparison.Ordinal));
        Assert.Contains($"  data  {_standalone.DataFolder}", _standalone.Output);
        Assert.Equal(
            $"  open  http://127.0.0.1:{_standalone.Apis[0].Port}/demo.html",
            Assert.Single(_standalone.Output, l => l.Contains("http://")));
        using var http = new HttpClient();
        using var page = await http.GetAsync(new Uri(_standalone.Apis[0], "/demo.html"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        Assert.Equal("text/html", page.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task It_logs_the_lines_of_the_seed_and_no_token()
    {
        await _standalone.StartAsync();
        using var user = new TestUser(_standalone);
        await using var socket = await user.OpenAsync();
        var conversation = Guid.NewGuid();
        await socket.SubscribeAsync(conversation);
        var body = user.Body(conversation);
        body["destinatario"] = "+5511999990000";
        using (await user.SendAsync(HttpMethod.Post, "/v1/messages", body))
        {
            for (var i = 0; i < 3; i++) await socket.ExpectAsync("message.status");
        }

        foreach (var line in (string[])["[WHATSAPP] -> usuário +5511999990000 | Olá, mundo!", "Status recebido"]) await PrintsAsync(line);
        Assert.DoesNotContain(_standalone.Output, l => l.Contains("[CALLBACK]", StringComparison.Ordinal));
        Assert.DoesNotContain(_standalone.Output, l => l.Contains("eyJ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Its_connectors_call_its_own_API_back_where_they_are_told_to()
    {
        _standalone.Set("Connectors__CallbackUrl", "/v1/callbacks/status");
        await _standalone.StartAsync();
        using var user = new TestUser(_standalone);
        await user.WaitForStatusAsync(await user.PostAsync(Guid.NewGuid()), "READ");

        foreach (var status in Statuses.InOrder) await PrintsAsync($"[CALLBACK] {status} -> 202");
        Assert.DoesNotContain(_standalone.Output, l => l.Contains(_standalone.CallbackKey, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_first_start_warns_of_nothing()
    {
        // A home of its own: what other starts left in this user's could hide what the first one says.
        _standalone.Set("HOME", _standalone.DataFolder);
        await _standalone.StartAsync();
        Assert.DoesNotContain(
            _standalone.Output, l => l.Contains(" warn: ", StringComparison.Ordinal) || l.Contains(" fail: ", StringComparison.Ordinal));
    }

    private Task PrintsAsync(string line) =>
        Until.TrueAsync(() => _standalone.Output.Any(l => l.Contains(line, StringComparison.Ordinal)), $"the line {line}");

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_it_cleanly_and_sends_its_clients_elsewhere(string signal)
    {
        await _standalone.StartAsync();
        using var user = new TestUser(_standalone);
        await using var socket = await user.OpenAsync();

        Assert.Equal(0, await _standalone.EndAsync(signal));

        await socket.WaitForCloseAsync();
        Assert.True(socket.CloseCode is >= 4000 and <= 4499, $"closed with {socket.CloseCode}");
        Assert.DoesNotContain(
            _standalone.Output,
            l => l.Contains("fail:", StringComparison.Ordinal) || l.Contains("Unhandled", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_process_on_the_same_folder_is_refused_and_the_first_goes_on()
    {
        await _standalone.StartAsync();
        using var second = new StandaloneProcess();

        Assert.Equal(1, await second.RunToEndAsync("--urls", "http://127.0.0.1:0", "--data", _standalone.DataFolder));

        Assert.Contains(second.Output, l => l.Contains(_standalone.DataFolder, StringComparison.Ordinal));
        Assert.DoesNotContain(second.Output, l => l.Contains("   at ", StringComparison.Ordinal));
        using var user = new TestUser(_standalone);
        await user.WaitForStatusAsync(await user.PostAsync(Guid.NewGuid()), "READ");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error_that_names_the_setting()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        var url = $"http://127.0.0.1:{((IPEndPoint)taken.LocalEndpoint).Port}";

        Assert.Equal(1, await _standalone.RunToEndAsync("--urls", url));

        var error = Assert.Single(_standalone.Output, l => l.Contains("could not start", StringComparison.Ordinal));
        Assert.Contains(url, error, StringComparison.Ordinal);
        Assert.Contains("--urls", error, StringComparison.Ordinal);
        Assert.Contains("ASPNETCORE_URLS", error, StringComparison.Ordinal);
        Assert.DoesNotContain(_standalone.Output, l => l.Contains("   at ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task In_production_it_refuses_to_start_without_a_key_and_says_which_setting_that_is()
    {
        _standalone.Set("DOTNET_ENVIRONMENT", "Production");
        _standalone.Set("Jwt__Key", null);

        Assert.Equal(1, await _standalone.RunToEndAsync("--urls", "http://127.0.0.1:0"));

        Assert.Contains(_standalone.Output, l => l.Contains("Jwt:Key", StringComparison.Ordinal));
    }

    [Fact]
    public async Task In_production_there_is_no_demo_and_no_token_for_whoever_asks()
    {
        _standalone.Set("DOTNET_ENVIRONMENT", "Production");
        await _standalone.StartAsync();
        using var http = new HttpClient();
        using var page = await http.GetAsync(new Uri(_standalone.Apis[0], "/demo.html"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, page.StatusCode);
        using var body = new StringContent($$"""{"usuarioId":"{{Guid.NewGuid()}}"}""", null, "application/json");
        using var token = await http.PostAsync(new Uri(_standalone.Apis[0], "/v1/auth/token"), body, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotFound, token.StatusCode);
    }
}
