using System.Security.Cryptography;
using Chat.Core.Channels;
using Chat.Core.Messages;

namespace Chat.LoadTest;

/// <summary>
/// The ids of one run, new ones each time, so that what a store holds from earlier runs does not matter; and what marks its texts and
/// its recipients' numbers, so that they are found wherever they turn up.
/// </summary>
internal sealed record RunIds(
    Guid Run, Guid Organization, Guid User, IReadOnlyList<Guid> Conversations, string TextMark, string NumberMark)
{
    public static RunIds Create(int conversations) => new(
        Guid.NewGuid(),
        Guid.NewGuid(),
        Guid.NewGuid(),
        [.. Enumerable.Range(0, conversations).Select(_ => Guid.NewGuid())],
        $"segredo-{RandomNumberGenerator.GetHexString(12, lowercase: true)}",
        $"55119{RandomNumberGenerator.GetInt32(10_000, 100_000)}");

    public Guid ConversationOf(long number) => Conversations[(int)(number % Conversations.Count)];

    public string ChannelOf(long number) =>
        number % Conversations.Count % 2 == 0 ? ChannelCatalog.WhatsApp : ChannelCatalog.Instagram;

    public string TextOf(long number) => $"Olá, mundo! {TextMark} ({number})";

    public string RecipientOf(long number) => $"+{NumberMark}{number % 1000:D3}";

    /// <summary>What is posted to <c>/v1/messages</c>, as JSON writes it.</summary>
    public object BodyOf(long number) => new
    {
        conversaId = ConversationOf(number),
        organizacaoId = Organization,
        usuarioRemetenteId = User,
        tipo = "text",
        conteudo = new { texto = TextOf(number) },
        direcao = MessageDirection.Outbound,
        canal = ChannelOf(number),
        destinatario = RecipientOf(number),
    };
}
