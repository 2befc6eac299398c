using System.Text;
using static Chat.Tests.Hub.Protocol.ClientFrames;

namespace Chat.Tests.Hub.Protocol;

/// <summary>
/// One row: what is sent, each piece by itself, and what must come back. A socket that is left open must answer a ping then.
/// </summary>
internal sealed record ProtocolCase(IReadOnlyList<byte[]> Sent, string[] Expected)
{
    public bool Closes => Expected is [.., "end"];
}

/// <summary>
/// What RFC 6455 says about every frame, as a table. Numbered by the groups of the Autobahn test suite, whose cases were written for a
/// server that echoes: here an answer is that of the hub's own protocol.
/// </summary>
internal static class ProtocolCases
{
    private const string Ask = """{"type":"ping"}""";
    private const string Broken = "close 1002";
    private const string NotUtf8 = "close 1007";

    // Of every length: "κόσμε" as the suite has it, an euro, a smile, and the last code point.
    private static readonly byte[] Wide = Encoding.UTF8.GetBytes("""{"type":"ping","x":"κόσμε €😀""" + "\U0010FFFF\"}");

    public static IReadOnlyDictionary<string, ProtocolCase> All { get; } = Rows().ToDictionary(r => r.Name, r => r.Case);

    private static IEnumerable<(string Name, ProtocolCase Case)> Rows() =>
        [.. Lengths(), .. Pings(), .. Bits(), .. Opcodes(), .. Messages(), .. Texts(), .. Closes(), .. Masks()];

    private static (string, ProtocolCase) Row(string name, string expected, params byte[][] sent) =>
        (name, new(sent, expected.Length == 0 ? [] : expected.Split(", ")));

    private static (string, ProtocolCase) Fails(string name, string expected, params byte[][] sent) =>
        (name, new(sent, [expected, "end"]));

    private static IEnumerable<(string, ProtocolCase)> Lengths()
    {
        foreach (var length in (int[])[Ask.Length, 125, 126, 127, 128, 1000, 16_383, 16_384, 65_535, 65_536, 70_000])
        {
            var text = Encoding.UTF8.GetBytes(Ask.PadRight(length));
            yield return Row($"1.1 text of {length} bytes", "pong", Frame(TextFrame, text));
            yield return Row($"1.2 binary of {length} bytes", "error invalid_message", Frame(Binary, text));
            yield return Row($"1.1 text of {length} bytes, in pieces of 997", "pong", Pieces(Frame(TextFrame, text), 997));
        }
        yield return Row("1.1 text of no bytes", "error invalid_message", Frame(TextFrame, []));
        yield return Row("1.2 binary of no bytes", "error invalid_message", Frame(Binary, []));
        yield return Row("1.1 text byte by byte", "pong", Pieces(TextOf(Ask), 1));
        yield return Row("1.1 text of 300 bytes byte by byte", "pong", Pieces(TextOf(Ask.PadRight(300)), 1));
        yield return Fails(
            "1.3 a length in more bytes than it needs: 125 in 2", Broken,
            Frame(TextFrame, new byte[125], lengthBytes: 2));
        yield return Fails(
            "1.3 a length in more bytes than it needs: 300 in 8", Broken,
            Frame(TextFrame, new byte[300], lengthBytes: 8));
        yield return Fails(
            "1.3 a length in more bytes than it needs: 65,535 in 8", Broken,
            Header(TextFrame, 65_535, lengthBytes: 8));
        yield return Fails("1.3 a length whose first bit is set", Broken, Header(TextFrame, -1));
        yield return Fails("1.3 a length whose first bit alone is set", Broken, Header(TextFrame, long.MinValue));
        yield return Row("9 a length beyond what is taken", "error too_big, close 4509", Header(TextFrame, 100_001));
        yield return Row("9 the largest length there is", "error too_big, close 4509", Header(TextFrame, long.MaxValue));
        yield return Row(
            "9 fragments beyond what is taken", "error too_big, close 4509", Frame(TextFrame, new byte[60_000], fin: false),
            Header(Continuation, 40_001));
    }

    private static IEnumerable<(string, ProtocolCase)> Pings()
    {
        var most = Enumerable.Range(0, 125).Select(i => (byte)(255 - i)).ToArray();
        yield return Row("2.1 ping without payload", "PONG ", Frame(Ping, []));
        yield return Row("2.2 ping with text", "PONG 48656C6C6F", Frame(Ping, "Hello"u8));
        yield return Row(
            "2.3 ping with bytes that are no text", "PONG 00FFFEFDFCFB00FF",
            Frame(Ping, [0, 255, 254, 253, 252, 251, 0, 255]));
        yield return Row("2.4 ping of 125 bytes", $"PONG {Convert.ToHexString(most)}", Frame(Ping, most));
        yield return Fails("2.5 ping of 126 bytes", Broken, Frame(Ping, new byte[126]));
        yield return Row("2.6 ping of 125 bytes byte by byte", $"PONG {Convert.ToHexString(most)}", Pieces(Frame(Ping, most), 1));
        yield return Row("2.7 pong that nobody asked for", "", Frame(Pong, []));
        yield return Row("2.8 pong with payload that nobody asked for", "", Frame(Pong, "unasked"u8));
        yield return Row("2.9 pong, then ping", "PONG 31", Frame(Pong, "0"u8), Frame(Ping, "1"u8));
        yield return Row(
            "2.10 ten pings", string.Join(", ", Enumerable.Range(0, 10).Select(i => $"PONG 0{i}")),
            [.. Enumerable.Range(0, 10).Select(i => Frame(Ping, [(byte)i]))]);
        yield return Row(
            "2.11 ten pings byte by byte", string.Join(", ", Enumerable.Range(0, 10).Select(i => $"PONG 0{i}")),
            [.. Enumerable.Range(0, 10).SelectMany(i => Pieces(Frame(Ping, [(byte)i]), 1))]);
        yield return Row("2.12 ten pings and a message in one piece", "PONG 01, PONG 02, pong, PONG 03",
            [.. Frame(Ping, [1]), .. Frame(Ping, [2]), .. TextOf(Ask), .. Frame(Ping, [3])]);
        yield return Fails("2.13 pong of 126 bytes", Broken, Frame(Pong, new byte[126]));
        yield return Fails("2.14 ping of 126 announced bytes, none of which comes", Broken, Header(Ping, 126));
        yield return Fails("2.15 ping with its length in 2 bytes", Broken, Frame(Ping, [1], lengthBytes: 2));
    }

    private static IEnumerable<(string, ProtocolCase)> Bits()
    {
        for (var bits = 1; bits <= 7; bits++)
        {
            yield return Fails($"3.1 reserved bits {bits} of a text", Broken, Frame(TextFrame, "{}"u8, reserved: bits));
            yield return Row(
                $"3.2 reserved bits {bits} after a good message", $"pong, {Broken}, end",
                TextOf(Ask), Frame(TextFrame, "{}"u8, reserved: bits));
            yield return Fails($"3.3 reserved bits {bits} of a ping", Broken, Frame(Ping, [1], reserved: bits));
            yield return Fails($"3.4 reserved bits {bits} of a close", Broken, Frame(Close, [3, 232], reserved: bits));
            yield return Fails(
                $"3.5 reserved bits {bits} of a continuation", Broken,
                Frame(TextFrame, "{"u8, fin: false), Frame(Continuation, "}"u8, reserved: bits));
            yield return Fails($"3.6 reserved bits {bits} of a binary", Broken, Frame(Binary, [1], reserved: bits));
        }
    }

    private static IEnumerable<(string, ProtocolCase)> Opcodes()
    {
        foreach (var opcode in (int[])[3, 4, 5, 6, 7, 11, 12, 13, 14, 15])
        {
            yield return Fails($"4.1 opcode {opcode} without payload", Broken, Frame(opcode, []));
            yield return Fails($"4.2 opcode {opcode} with payload", Broken, Frame(opcode, "reserved"u8));
            yield return Row(
                $"4.3 opcode {opcode} after a good message", $"pong, {Broken}, end",
                TextOf(Ask), Frame(opcode, []), Frame(Ping, []));
            yield return Fails(
                $"4.4 opcode {opcode} within a message", Broken,
                Frame(TextFrame, "{"u8, fin: false), Frame(opcode, []));
        }
    }

    private static IEnumerable<(string, ProtocolCase)> Messages()
    {
        var ask = Encoding.UTF8.GetBytes(Ask);
        byte[][] halves = Fragments(TextFrame, ask, 7), binary = Fragments(Binary, ask, 7);
        byte[] start = halves[0], end = halves[1], ping = Frame(Ping, "within"u8), pong = Frame(Pong, []);
        const string Within = "PONG 77697468696E";
        yield return Fails("5.1 ping in two fragments", Broken, Frame(Ping, [1], fin: false), Frame(Continuation, [2]));
        yield return Fails("5.2 pong in two fragments", Broken, Frame(Pong, [1], fin: false), Frame(Continuation, [2]));
        yield return Row("5.3 text in two fragments", "pong", halves);
        yield return Row("5.4 text in two fragments, in one piece", "pong", [.. start, .. end]);
        yield return Row("5.5 text in two fragments, byte by byte", "pong", Pieces([.. start, .. end], 1));
        yield return Row("5.6 a ping between two fragments", $"{Within}, pong", start, ping, end);
        yield return Row("5.7 a ping between two fragments, in one piece", $"{Within}, pong", [.. start, .. ping, .. end]);
        yield return Row(
            "5.8 a ping between two fragments, byte by byte", $"{Within}, pong",
            Pieces([.. start, .. ping, .. end], 1));
        yield return Row("5.9 a pong between two fragments", "pong", start, pong, end);
        yield return Fails("5.10 continuation of nothing", Broken, Frame(Continuation, "x"u8));
        yield return Fails(
            "5.11 continuation of nothing that is not the last", Broken,
            Frame(Continuation, "x"u8, fin: false), TextOf(Ask));
        yield return Row(
            "5.12 continuation after a message that has ended", $"pong, {Broken}, end",
            TextOf(Ask), Frame(Continuation, "x"u8));
        yield return Row("5.13 the same after fragments", $"pong, {Broken}, end", start, end, Frame(Continuation, []));
        yield return Fails("5.14 a text before another has ended", Broken, start, TextOf(Ask));
        yield return Fails("5.15 a binary before a text has ended", Broken, start, Frame(Binary, [1]));
        yield return Fails("5.16 a text before a binary has ended", Broken, binary[0], TextOf(Ask));
        yield return Row("5.17 empty fragments", "pong",
            Frame(TextFrame, [], fin: false), Frame(Continuation, [], fin: false), Frame(Continuation, ask, fin: false),
            Frame(Continuation, []));
        yield return Row("5.18 three empty fragments", "error invalid_message",
            Frame(TextFrame, [], fin: false), Frame(Continuation, [], fin: false), Frame(Continuation, []));
        yield return Row("5.19 a ping between each of five fragments", $"{Within}, {Within}, {Within}, {Within}, pong",
            [.. Fragments(TextFrame, ask, 1, 2, 3, 4).SelectMany(f => (byte[][])[f, ping]).SkipLast(1)]);
        yield return Row("5.20 binary in fragments", "error invalid_message", binary);
        yield return Row("5.21 two messages in fragments, one after the other", "pong, pong", [.. halves, .. halves]);
        yield return Row("5.22 a close within a message", "close 1000, end", start, CloseOf(1000));
        for (var size = 1; size <= 7; size++)
        {
            var step = size;
            var ends = Enumerable.Range(1, (ask.Length - 1) / step).Select(i => i * step).ToArray();
            yield return Row($"5.23 fragments of {size} bytes", "pong", Fragments(TextFrame, ask, ends));
        }
        yield return Row(
            "5.24 a hundred fragments", "pong",
            Fragments(TextFrame, [.. ask, .. Enumerable.Repeat((byte)' ', 100)], [.. Enumerable.Range(1, 99)]));
        yield return Row("5.25 a fragment more than is taken", "error too_many_frames, close 4029",
            [.. Enumerable.Range(0, 101).Select(i => Frame(i == 0 ? TextFrame : Continuation, [], fin: false))]);
    }

    private static IEnumerable<(string, ProtocolCase)> Texts()
    {
        yield return Row("6.1 text of every length of a character", "pong", Frame(TextFrame, Wide));
        yield return Row("6.2 the same byte by byte", "pong", Pieces(Frame(TextFrame, Wide), 1));
        for (var cut = 1; cut < Wide.Length; cut++)
            yield return Row($"6.3 text cut into two fragments at {cut}", "pong", Fragments(TextFrame, Wide, cut));
        yield return Row(
            "6.4 text in fragments of a byte", "pong",
            Fragments(TextFrame, Wide, [.. Enumerable.Range(1, Wide.Length - 1)]));
        (string Name, string Hex)[] bad =
        [
            ("a continuation byte alone", "80"), ("two of them", "80BF"), ("a lead byte alone", "C3"),
            ("a lead byte before a blank", "C320"),
            ("an overlong slash in two", "C0AF"), ("in three", "E080AF"), ("in four", "F08080AF"), ("an overlong zero", "C080"),
            ("the longest overlong in two", "C1BF"), ("in three", "E09FBF"), ("in four", "F08FBFBF"),
            ("half a surrogate pair, high", "EDA080"), ("half a surrogate pair, low", "EDBFBF"), ("a whole surrogate pair", "EDA080EDB080"),
            ("a point beyond the last", "F4908080"),
            ("a lead byte beyond the last", "F5808080"), ("five bytes", "F888808080"),
            ("six bytes", "FC8480808080"), ("FE", "FE"), ("FF", "FF"),
            ("three bytes without the last", "E282"), ("four bytes without the last", "F09F98"),
            ("the suite's own", "CEBAE1BDB9CF83CEBCCEB5EDA080656469746564"),
        ];
        foreach (var ((name, hex), i) in bad.Select((b, i) => (b, i)))
        {
            byte[] text = [.. "{\"x\":\""u8, .. Convert.FromHexString(hex), .. "\"}"u8], alone = Convert.FromHexString(hex);
            yield return Fails($"6.5.{i} no UTF-8: {name}", NotUtf8, Frame(TextFrame, text));
            yield return Fails($"6.6.{i} no UTF-8 byte by byte: {name}", NotUtf8, Pieces(Frame(TextFrame, text), 1));
            yield return Fails(
                $"6.7.{i} no UTF-8 in fragments of a byte: {name}", NotUtf8,
                Fragments(TextFrame, text, [.. Enumerable.Range(1, text.Length - 1)]));
            yield return Fails($"6.8.{i} nothing but no UTF-8: {name}", NotUtf8, Frame(TextFrame, alone));
            yield return Row($"6.9.{i} a binary message of it: {name}", "error invalid_message", Frame(Binary, alone));
        }
        // What can't become text any more is refused before the message has ended.
        yield return Fails(
            "6.10 at once, within a fragment's end", NotUtf8,
            Frame(TextFrame, [0xCE, 0xBA, 0xE1, 0xBD, 0xB9, 0xF4, 0x90], fin: false));
        yield return Fails("6.11 at once, after whole characters", NotUtf8, Frame(TextFrame, [0x20, 0xED, 0xA0, 0x80], fin: false));
        yield return Fails(
            "6.12 a character that never ends", NotUtf8,
            Frame(TextFrame, [0xF0, 0x9F], fin: false), Frame(Continuation, []));
        yield return Row("6.13 valid so far, a ping between", "PONG 01, pong",
            Frame(TextFrame, Wide.AsSpan(..24), fin: false), Frame(Ping, [1]), Frame(Continuation, Wide.AsSpan(24..)));
        foreach (var (name, hex) in ((string, string)[])
            [("a zero", "00"), ("U+007F", "7F"), ("U+0080", "C280"), ("U+07FF", "DFBF"), ("U+0800", "E0A080"),
             ("U+D7FF", "ED9FBF"), ("U+E000", "EE8080"),
             ("U+FFFD", "EFBFBD"), ("U+FFFE", "EFBFBE"), ("U+FFFF", "EFBFBF"), ("U+10000", "F0908080"), ("U+10FFFF", "F48FBFBF")])
        {
            yield return Row(
                $"6.14 {name} is text, though no frame of ours", "error invalid_message",
                Frame(TextFrame, Convert.FromHexString(hex)));
        }
    }

    private static IEnumerable<(string, ProtocolCase)> Closes()
    {
        yield return Row("7.1 close", "close 1000, end", CloseOf(1000));
        yield return Row("7.2 close, then another", "close 1000, end", [.. CloseOf(1000), .. CloseOf(1000)]);
        yield return Row("7.3 close, then a ping", "close 1000, end", [.. CloseOf(1000), .. Frame(Ping, [])]);
        yield return Row("7.4 close, then a message", "close 1000, end", [.. CloseOf(1000), .. TextOf(Ask)]);
        yield return Row("7.5 a message, then close", "pong, close 1000, end", [.. TextOf(Ask), .. CloseOf(1000)]);
        yield return Row("7.6 close byte by byte", "close 1000, end", Pieces(CloseOf(1000, "bye"u8), 1));
        yield return Row("7.7 close without a code", "close 1000, end", Frame(Close, []));
        yield return Fails("7.8 close with half a code", Broken, Frame(Close, [3]));
        yield return Row("7.9 close with a reason", "close 1000, end", CloseOf(1000, "Hello World!"u8));
        yield return Row(
            "7.10 close with a reason of 123 bytes", "close 1000, end",
            CloseOf(1000, Encoding.ASCII.GetBytes(new string('*', 123))));
        yield return Fails(
            "7.11 close with a reason of 124 bytes", Broken,
            CloseOf(1000, Encoding.ASCII.GetBytes(new string('*', 124))));
        yield return Fails("7.12 close with a reason that is no UTF-8", NotUtf8, CloseOf(1000, [0xCE, 0xBA, 0xED, 0xA0, 0x80]));
        yield return Fails("7.13 close in fragments", Broken, Frame(Close, [3, 232], fin: false));
        foreach (var code in (int[])[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999])
            yield return Row($"7.14 close with {code}", $"close {code}, end", CloseOf(code));
        foreach (var code in (int[])[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])
            yield return Fails($"7.15 close with {code}, which nobody may send", Broken, CloseOf(code));
    }

    private static IEnumerable<(string, ProtocolCase)> Masks()
    {
        var ask = Encoding.UTF8.GetBytes(Ask);
        yield return Fails("11.1 a text without a mask", Broken, Frame(TextFrame, ask, masked: false));
        yield return Fails("11.2 a ping without a mask", Broken, Frame(Ping, [1], masked: false));
        yield return Fails("11.3 a close without a mask", Broken, Frame(Close, [3, 232], masked: false));
        yield return Fails("11.4 an empty text without a mask", Broken, Frame(TextFrame, [], masked: false));
        yield return Fails(
            "11.5 a continuation without a mask", Broken,
            Frame(TextFrame, ask, fin: false), Frame(Continuation, [], masked: false));
        yield return Row("11.6 a mask of zeros", "pong", [0x81, (byte)(0x80 | ask.Length), 0, 0, 0, 0, .. ask]);
    }

    private static byte[][] Pieces(byte[] bytes, int size) => [.. bytes.Chunk(size)];
}
