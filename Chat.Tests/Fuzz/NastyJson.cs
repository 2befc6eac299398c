using System.Text;

namespace Chat.Tests.Fuzz;

/// <summary>What has broken readers of JSON before.</summary>
internal static class NastyJson
{
    private static readonly string[] Values =
    [
        "null", "true", "false", "0", "-0", "-1", "1e999", "-1e999", "1e-999", "9223372036854775807", "9223372036854775808",
        "18014398509481984", "9007199254740991", "9007199254740992", "1.5", "1736937010", "1736937010000", "253402300800000",
        "[]", "{}", "[1,2]", "[null]", "{\"a\":{\"a\":1}}", "{\"texto\":1}", "{\"texto\":\"\\ud800\"}", "{\"texto\":\"a\",\"texto\":\"b\"}",
        "{\"\\ud800\":1}", "[\"\\udc00\"]", "NaN", "Infinity", "'a'", "undefined", "/* */ 1", "01", "+1", ".5", "1.", "tru", "",
    ];

    private static readonly string[] Texts =
    [
        "", " ", "a", "\\ud800", "\\udc00", "\\udc00\\ud800", "\\ud800\\ud800", "\\ud83d\\ude00", "x\\ud83d", "\\ud83dx\\ude00", "\\u0000",
        "\\u001b[2J\\u001b]0;x\\u0007", "\\u202egnp.exe", "\\u2028", "\\ufeff", "\\uD8", "\\u", "\\", "\\x", "\\/", "\\\"", "😀", "é",
        "<script>",
        "00000000-0000-0000-0000-000000000000", "{456e7890-e89b-12d3-a456-426614174000}", "456e7890e89b12d3a456426614174000",
        "{0x456e7890,0xe89b,0x12d3,{0xa4,0x56,0x42,0x66,0x14,0x17,0x40,0x00}}", "456e7890-e89b-12d3-a456-42661417400\\u0030",
        "ffffffff-ffff-7fff-bfff-ffffffffffff", "SENT", "sent", "READ", "FAILED", "ACCEPTED", "whatsapp", "instagram", "WHATSAPP ",
        "telegram",
        "text", "outbound", "inbound", "subscribe", "unsubscribe", "ping", "auth", "2025-01-15T10:30:10Z", "9999-12-31T23:59:59.9999999Z",
        "0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00-14:00", "NaN", "Infinity", "-1", "1e308", "1e400", "99999999999999999999",
        "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01", "message.status",
    ];

    private static readonly string[] Names =
    [
        "message_id", "messageId", "conversation_id", "conversationId", "organizacao_id", "organizationId", "organization_id",
        "status", "channel",
        "timestamp", "reason", "provider_message_id", "joins", "sender_id", "content", "type", "seq", "_", "since", "token",
        "conteudo", "texto",
        "conversaId", "organizacaoId", "usuarioRemetenteId", "usuarioId", "canal", "destinatario", "tipo", "direcao", "recipient",
        "direction",
    ];

    private static readonly byte[][] Sequences =
    [
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xED, 0xB0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [0x80], [0x00],
        [0x1B, 0x5B, 0x32, 0x4A],
        [0xEF, 0xBB, 0xBF], [0xF0, 0x9F, 0x98, 0x80], [0xC3, 0xA9], [0x7F], [0x22], [0x5C], [0xFE, 0xFF],
    ];

    /// <summary>A value as JSON, or nearly.</summary>
    public static string Value(Random random) => random.Next(2000) switch
    {
        0 => $"\"{new string('x', 1_000_000)}\"",
        1 => $"\"{string.Concat(Enumerable.Repeat("\\ud83d\\ude00", 80_000))}\"",
        2 => $"[{string.Join(',', Enumerable.Repeat("1", 20_000))}]",
        < 10 => $"\"{new string('<', random.Next(1000, 70_000))}\"",
        < 20 => $"\"{string.Concat(Enumerable.Repeat("😀", random.Next(200, 20_000)))}\"",
        < 60 => Nested(random, random.Next(5, 100)),
        < 64 => Nested(random, 100_000),
        < 90 => new string('9', random.Next(1, 2000)),
        < 700 => Values[random.Next(Values.Length)],
        _ => Text(random),
    };

    /// <summary>A string as JSON, or nearly.</summary>
    public static string Text(Random random)
    {
        if (random.Next(8) == 0) return $"\"{Names[random.Next(Names.Length)]}\"";
        var text = new StringBuilder("\"");
        for (var parts = random.Next(1, 4); parts > 0; parts--)
        {
            var part = Texts[random.Next(Texts.Length)];
            for (var times = random.Next(20) == 0 ? random.Next(1, 200) : 1; times > 0; times--) text.Append(part);
        }
        return text.Append('"').ToString();
    }

    /// <summary>Bytes that may be no UTF-8.</summary>
    public static byte[] Bytes(Random random)
    {
        if (random.Next(3) > 0) return Sequences[random.Next(Sequences.Length)];
        var bytes = new byte[random.Next(1, 40)];
        random.NextBytes(bytes);
        return bytes;
    }

    public static byte[] Quoted(byte[] bytes) => [(byte)'"', .. bytes, (byte)'"'];

    private static string Nested(Random random, int depth) => random.Next(3) switch
    {
        0 => new string('[', depth) + new string(']', depth),
        1 => string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth),
        _ => new string('[', depth),
    };
}
