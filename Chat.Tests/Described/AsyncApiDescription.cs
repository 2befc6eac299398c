using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Chat.Api.Reference;
using Chat.Core.Bus;
using Chat.Core.Log;
using Json.Schema;
using Xunit.Sdk;

namespace Chat.Tests.Described;

/// <summary><c>docs/asyncapi.yaml</c> as what frames, close codes, events and payloads are held against.</summary>
internal sealed class AsyncApiDescription
{
    public const string File = "docs/asyncapi.yaml";

    private const string Socket = "socket";

    private static readonly Lazy<AsyncApiDescription> Loaded = new(() => new(AsyncApiDocument.Read()));

    private readonly SchemaSet _schemas;
    private readonly Dictionary<string, Described> _messages = [];
    private readonly Dictionary<string, Described> _fromServer, _fromClient;

    public AsyncApiDescription(JsonObject document)
    {
        Document = document;
        _schemas = new(document["components"]!["schemas"]!.AsObject(), SchemaDialect.Draft7);
        foreach (var (channel, declared) in document["channels"]!.AsObject())
        {
            foreach (var (name, message) in declared!["messages"]!.AsObject())
            {
                var resolved = document.Resolve(message)!.AsObject();
                _messages[$"{channel}/{name}"] = new($"{channel}/{name}", resolved, Read(resolved["payload"]), Read(resolved["headers"]));
            }
        }
        CloseCodes = [.. document["channels"]![Socket]!["x-close-codes"]!.AsArray().Select(c => (int)c!["code"]!.GetValue<long>())];
        (_fromServer, _fromClient) = (ByType("sendFrames"), ByType("receiveFrames"));
    }

    public static AsyncApiDescription Current => Loaded.Value;

    public JsonObject Document { get; }

    public IReadOnlyList<int> CloseCodes { get; }

    public IReadOnlyCollection<Described> Messages => _messages.Values;

    /// <summary>Every message and close code of the document, as <c>socket/pong</c> and <c>close 4401</c>.</summary>
    public IEnumerable<string> All => _messages.Keys.Concat(CloseCodes.Select(Close));

    public static string Close(int code) => $"close {code.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>That a frame from the server is documented.</summary>
    public void CheckFromServer(JsonElement frame) => Check(MessageOf(frame), frame);

    /// <summary>That a frame of one of our clients is documented.</summary>
    public void CheckFromClient(string frame)
    {
        var json = JsonElement.Parse(frame);
        Check(TypeOf(json) is { } type ? _fromClient.GetValueOrDefault(type) : null, json);
    }

    /// <summary>Notes a frame that a test sends where it is one of the document's; tests send others too.</summary>
    public void NoteFromClient(ReadOnlySpan<byte> frame)
    {
        try
        {
            var json = JsonElement.Parse(frame);
            if (TypeOf(json) is { } type && _fromClient.TryGetValue(type, out var message)
                && SchemaSet.Check(message.Payload!, json) is null) Seen.Note(message.Name);
        }
        catch (JsonException)
        {
            // None of the document's.
        }
    }

    /// <summary>That the server closes with a code of the document.</summary>
    public void CheckClose(int code)
    {
        if (!CloseCodes.Contains(code)) throw new XunitException($"The close code {code} is not in {File}");
        Seen.Note(Close(code));
    }

    /// <summary>What is wrong with an event that is appended to the log; null where nothing is.</summary>
    public string? FindWrong(NewEvent appended)
    {
        var names = (appended.Headers ?? []).Select(h => h.Name).ToHashSet();
        var message = appended.Topic switch
        {
            Topics.Messages => "messages/message",
            Topics.Status => "status/statusEvent",
            Topics.PutBack => "putBack/putBackMark",
            var topic when Topics.IsDeadLetter(topic) => names.Contains(HeaderNames.DeadLetterSeq) ? "deadLetters/givenUpStatus"
                : names.Contains(HeaderNames.DeadLetterPointer) ? "deadLetters/deadLetterPointer"
                : "deadLetters/deadLetter",
            var topic when topic.StartsWith(Topics.Outbound(""), StringComparison.Ordinal) => "outbound/message",
            var topic when topic.StartsWith(Topics.Inbound(""), StringComparison.Ordinal) => "inbound/message",
            var topic when topic.StartsWith(Topics.Webhooks(""), StringComparison.Ordinal) => "webhooks/webhook",
            _ => null,
        };
        if (message is null) return $"the topic {appended.Topic} is not in {File}";
        var headers = new JsonObject();
        foreach (var (name, value) in appended.Headers ?? []) headers[name] = value;
        return FindWrong(_messages[message], appended.Value, headers);
    }

    /// <summary>What is wrong with a payload that is published on the bus; null where nothing is.</summary>
    public string? FindWrong(BusMessage published)
    {
        var message = published.ConversationId == Guid.Empty ? "bus/revocationHint"
            : Core.Frames.BusPayload.TryRead(published.Payload) is { IsAnnouncement: true } ? "bus/messagePublished"
            : "bus/statusPublished";
        return FindWrong(_messages[message], published.Payload, headers: null);
    }

    /// <summary>What is wrong with an example of the document; null where nothing is.</summary>
    public static string? FindWrong(Described message, JsonNode example) =>
        Wrong(message.Payload, example["payload"]) ?? Wrong(message.Headers, example["headers"]);

    private static string? TypeOf(JsonElement frame) =>
        frame.ValueKind == JsonValueKind.Object && frame.TryGetProperty("type", out var type) && type.ValueKind == JsonValueKind.String
            ? type.GetString()
            : null;

    private static string? FindWrong(Described message, ReadOnlyMemory<byte> value, JsonObject? headers)
    {
        // What comes back from the dead letters is what its producer wrote, whatever that is.
        if (headers?.ContainsKey(HeaderNames.PutBack) is true) return null;
        var wrong = (message.Payload is null ? null : Wrong(message.Payload, value.Span)) ?? Wrong(message.Headers, headers);
        if (wrong is not null) return $"{message.Name} is not as {File} has it: {wrong}\n{headers}\n{Encoding.UTF8.GetString(value.Span)}";
        Seen.Note(message.Name);
        return null;
    }

    private static string? Wrong(JsonSchema? schema, JsonNode? value) =>
        schema is null || value is null ? null : SchemaSet.Check(schema, JsonSerializer.SerializeToElement(value));

    private static string? Wrong(JsonSchema schema, ReadOnlySpan<byte> value)
    {
        try
        {
            return SchemaSet.Check(schema, JsonElement.Parse(value));
        }
        catch (JsonException exception)
        {
            return exception.Message;
        }
    }

    private static void Check(Described? message, JsonElement frame)
    {
        if (message is null) throw new XunitException($"No frame of {File} is like {frame}");
        if (SchemaSet.Check(message.Payload!, frame) is { } wrong)
            throw new XunitException($"{message.Name} is not as {File} has it: {wrong}\n{frame}");
        Seen.Note(message.Name);
    }

    // What somebody published by hand comes as it is, whatever its type.
    private Described? MessageOf(JsonElement frame)
    {
        var type = TypeOf(frame);
        var isByHand = type is null || (type == Core.Frames.StatusFrame.Type && !frame.TryGetProperty("seq", out _));
        return !isByHand && _fromServer.TryGetValue(type!, out var known) ? known : _messages[$"{Socket}/passedOn"];
    }

    private JsonSchema? Read(JsonNode? schema) => schema is null ? null : _schemas.Read(schema, isStrict: true);

    private Dictionary<string, Described> ByType(string operation)
    {
        var found = new Dictionary<string, Described>();
        foreach (var reference in Document["operations"]![operation]!["messages"]!.AsArray())
        {
            var message = _messages[$"{Socket}/{reference!["$ref"]!.GetValue<string>().Split('/')[^1]}"];
            var payload = Document.Resolve(message.Json["payload"]);
            if (payload?["properties"]?["type"]?["const"] is { } type) found[type.GetValue<string>()] = message;
        }
        return found;
    }

    /// <param name="Payload">Null where it may be anything.</param>
    internal sealed record Described(string Name, JsonObject Json, JsonSchema? Payload, JsonSchema? Headers);
}
