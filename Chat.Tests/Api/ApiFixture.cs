namespace Chat.Tests.Api;

/// <summary>One API for the tests of a class: each takes conversations and organizations of its own.</summary>
public sealed class ApiFixture : IAsyncLifetime
{
    internal ApiHost Host { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Host = await ApiHost.StartAsync(new() { ["Messages:FindWait"] = "00:00:00.300" });

    public ValueTask DisposeAsync() => Host.DisposeAsync();
}

/// <summary>Somebody of an organization, and a conversation that nobody posted to yet.</summary>
internal sealed class Desk
{
    public Guid Conversation { get; init; } = Guid.NewGuid();

    public Guid Organization { get; init; } = Guid.NewGuid();

    public Guid User { get; init; } = Guid.NewGuid();

    public string Token => ApiHost.Token(User, Organization);

    public string Body(string text = "Olá, mundo!", string more = "") => $$"""
        {"conversaId":"{{Conversation}}","organizacaoId":"{{Organization}}","usuarioRemetenteId":"{{User}}","tipo":"text",
        "conteudo":{"texto":"{{text}}"},"direcao":"outbound"{{more}}}
        """;
}
