using System.Net;
using Chat.Client;
using Chat.Core.Bus;
using Chat.Core.Tokens;
using Chat.Tests.Graph;
using Chat.Tools.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Api;

/// <summary>A token that is revoked, on a running API: over REST, on sockets, and for clients.</summary>
public sealed class RevocationTests
{
    private const string Channels = "/v1/channels";

    private readonly Desk _desk = new();

    [Theory]
    [InlineData("01:00:00", true)]
    [InlineData("00:00:00.1", false)]
    public async Task A_revoked_token_is_401_and_its_sockets_are_closed_for_good_by_a_hint_or_at_the_next_look(
        string interval, bool hint)
    {
        await using var api = await StartAsync(interval);
        var (revoked, other) = (Token("one"), Token("two"));
        await using var socket = await TestSocket.OpenAsync(api.Client.BaseAddress!, revoked);
        await using var bystander = await TestSocket.OpenAsync(api.Client.BaseAddress!, other);
        await using var withoutId = await TestSocket.OpenAsync(api.Client.BaseAddress!, _desk.Token);
        (await api.GetAsync(Channels, revoked)).Is(HttpStatusCode.OK);

        await RevokeAsync(api, "one", hint);

        await Until.TrueAsync(
            async () => (await api.GetAsync(Channels, revoked)).Status == HttpStatusCode.Unauthorized, "the token is refused");
        await socket.WaitForCloseAsync();
        Assert.Equal(4501, socket.CloseCode);
        Assert.Contains("invalid_token", (await api.GetAsync(Channels, revoked)).Header("WWW-Authenticate"), StringComparison.Ordinal);
        var refused = await Assert.ThrowsAsync<RefusedException>(() => TestSocket.OpenAsync(api.Client.BaseAddress!, revoked));
        Assert.Equal(HttpStatusCode.Unauthorized, refused.Status);
        foreach (var token in new[] { other, _desk.Token }) (await api.GetAsync(Channels, token)).Is(HttpStatusCode.OK);
        await bystander.DrainAsync();
        await withoutId.DrainAsync();
    }

    [Fact]
    public async Task A_socket_goes_by_the_last_token_that_it_was_given_and_takes_no_revoked_one()
    {
        await using var api = await StartAsync("01:00:00");
        await using var socket = await TestSocket.OpenAsync(api.Client.BaseAddress!, Token("one"));
        await using var witness = await TestSocket.OpenAsync(api.Client.BaseAddress!, Token("one"));
        await socket.ExpectAsync("connected");
        await socket.SendAsync(new { type = "auth", token = Token("two") });
        await socket.ExpectAsync("authenticated");

        await RevokeAsync(api, "one", hint: true);
        await witness.WaitForCloseAsync();
        await socket.SendAsync(new { type = "auth", token = Token("one") });

        Assert.Equal("invalid_token", (await socket.ExpectAsync("error")).GetProperty("code").GetString());
        await RevokeAsync(api, "two", hint: true);
        await socket.WaitForCloseAsync();
        Assert.Equal(4501, socket.CloseCode);
    }

    [Fact]
    public async Task A_client_whose_token_is_revoked_does_not_come_back()
    {
        await using var api = await StartAsync("01:00:00");
        var asked = 0;
        await using var client = new ChatStatusClient(api.Client.BaseAddress!, _ =>
        {
            asked++;
            return Task.FromResult(Token("one"));
        });
        var changes = new List<ConnectionChange>();
        client.ConnectionChanged += (_, change) => changes.Add(change);
        client.Connect();
        await Until.TrueAsync(() => client.State == ConnectionState.Open, "it is connected");

        await RevokeAsync(api, "one", hint: true);

        await Until.TrueAsync(() => client.State == ConnectionState.Closed, "it has stopped");
        Assert.Equal(1, asked);
        Assert.DoesNotContain(changes, c => c.State == ConnectionState.Reconnecting);
    }

    [Fact]
    public async Task A_revocation_outlives_a_restart()
    {
        var folder = ApiHost.NewFolder();
        try
        {
            await using (var api = await StartAsync("01:00:00", folder)) await RevokeAsync(api, "one", hint: false);
            await using var again = await StartAsync("01:00:00", folder);

            (await again.GetAsync(Channels, Token("one"))).Is(HttpStatusCode.Unauthorized);
            (await again.GetAsync(Channels, Token("two"))).Is(HttpStatusCode.OK);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task While_the_store_has_not_answered_since_the_start_nobody_knows_and_afterwards_the_last_answer_counts()
    {
        var store = new AwayStore();
        await using var api = await ApiHost.StartAsync(
            new() { ["Jwt:RevocationInterval"] = "01:00:00" },
            configure: builder => builder.Services.AddSingleton<IRevokedTokenStore>(store));

        (await api.GetAsync(Channels, Token("one"))).IsProblem(HttpStatusCode.ServiceUnavailable);
        (await api.GetAsync(Channels, _desk.Token)).Is(HttpStatusCode.OK);
        store.Revoked = [new("one", DateTimeOffset.MaxValue)];
        (await api.GetAsync(Channels, Token("one"))).Is(HttpStatusCode.Unauthorized);
        (await api.GetAsync(Channels, Token("two"))).Is(HttpStatusCode.OK);
        store.Revoked = null;
        (await api.GetAsync(Channels, Token("one"))).Is(HttpStatusCode.Unauthorized);
        (await api.GetAsync(Channels, Token("two"))).Is(HttpStatusCode.OK);
    }

    private static Task<ApiHost> StartAsync(string interval, string? folder = null) =>
        ApiHost.StartAsync(new() { ["Jwt:RevocationInterval"] = interval }, folder: folder);

    private static async Task RevokeAsync(ApiHost api, string id, bool hint)
    {
        var services = api.App.Services;
        var until = DateTimeOffset.UtcNow.AddMinutes(5);
        var store = services.GetRequiredService<IRevokedTokenStore>();
        if (!hint)
        {
            await store.RevokeAsync(new(id, until), TestContext.Current.CancellationToken);
            return;
        }
        Assert.Equal(0, await RevokeCommand.RunAsync(
            store,
            services.GetRequiredService<IStatusBus>,
            TimeProvider.System,
            new(id, until),
            TextWriter.Null,
            TestContext.Current.CancellationToken));
    }

    private string Token(string id) => ApiHost.Token(_desk.User, _desk.Organization, tokenId: id);

    private sealed class AwayStore : IRevokedTokenStore
    {
        /// <summary>Null while it is away.</summary>
        public IReadOnlyList<RevokedToken>? Revoked { get; set; }

        public ValueTask RevokeAsync(RevokedToken token, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<RevokedToken>> ListRevokedAsync(DateTimeOffset now, CancellationToken cancellationToken) =>
            Revoked is { } revoked ? ValueTask.FromResult(revoked) : throw new IOException("away");
    }
}
