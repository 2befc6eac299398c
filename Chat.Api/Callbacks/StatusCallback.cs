using System.ComponentModel;
using System.Text.Json;
using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Events;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Callbacks;

/// <summary>One status event, as <c>msg.status</c> has them; for the OpenAPI document. camelCase is read too.</summary>
internal sealed record StatusCallbackBody(
    [property: Description("SENT, DELIVERED, READ or FAILED.")] string status,
    [property: Description("Or provider_message_id.")] Guid? message_id = null,
    string? channel = null,
    [property: Description("ISO 8601, or Unix seconds or milliseconds.")] string? timestamp = null,
    Guid? conversation_id = null,
    Guid? organizacao_id = null,
    [property: Description("Why it failed.")] string? reason = null,
    string? provider_message_id = null);

/// <summary>How many statuses are in the log.</summary>
internal sealed record CallbackAccepted(int Accepted);

/// <summary><c>POST /v1/callbacks/status</c>: one status event, or an array of them.</summary>
internal static class StatusCallback
{
    private const int MaxBody = 256 * 1024;
    private const int MaxEvents = 1000;

    public static async Task<Results<Accepted<CallbackAccepted>, ProblemHttpResult>> HandleAsync(
        HttpContext context, CallbackKey key, CallbackIntake intake, ApiMetrics metrics)
    {
        if (!key.IsPresentedBy(context.Request)) return CallbackKey.Refuse(context);
        var (body, problem) = await JsonBody.ReadAsync(context, MaxBody);
        if (body is null) return problem!;
        var errors = new FieldErrors();
        List<StatusEvent> events;
        using (body) events = Read(body.RootElement, errors);
        if (errors.Any) return Problem.BadRequest(context, errors);
        await intake.AppendAsync(events, context.RequestAborted);
        metrics.CallbacksAccepted(events.Count);
        return TypedResults.Accepted((string?)null, new CallbackAccepted(events.Count));
    }

    /// <summary>The events; of an array, a field's name starts with its place: <c>[3].status</c>.</summary>
    internal static List<StatusEvent> Read(JsonElement body, FieldErrors errors)
    {
        var events = new List<StatusEvent>();
        if (body.ValueKind != JsonValueKind.Array)
        {
            ReadOne(body, "", events, errors);
            return events;
        }
        if (body.GetArrayLength() is 0 or > MaxEvents)
        {
            errors.Add(JsonBody.Root, UserTexts.WrongCount(MaxEvents));
            return events;
        }
        foreach (var element in body.EnumerateArray()) ReadOne(element, $"[{events.Count + errors.Count}].", events, errors);
        return events;
    }

    private static void ReadOne(JsonElement element, string place, List<StatusEvent> events, FieldErrors errors)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            errors.Add(place.Length > 0 ? place.TrimEnd('.') : JsonBody.Root, UserTexts.NotAnObject);
            return;
        }
        var json = JsonSerializer.SerializeToUtf8Bytes(element, ApiJsonContext.Default.JsonElement);
        if (StatusEventJson.TryRead(json, out var error) is { } read)
        {
            // Only the workers decide which event another one repeats.
            events.Add(read with { Joins = null });
            return;
        }
        errors.Add(error!.Field is { } field ? place + field : place.Length > 0 ? place.TrimEnd('.') : JsonBody.Root, TextFor(error));
    }

    private static UserText TextFor(EventError error) => error.Kind switch
    {
        EventErrorKind.TooLarge => UserTexts.BodyTooBig((int)error.Limit),
        EventErrorKind.TooLong => UserTexts.LongerThan(error.Limit),
        EventErrorKind.NotText => UserTexts.HalfSurrogate,
        EventErrorKind.DuplicateName => UserTexts.DuplicateFields,
        EventErrorKind.WrongType => UserTexts.WrongType,
        EventErrorKind.Missing => UserTexts.MissingField,
        EventErrorKind.NotAUuid => UserTexts.NotAnId,
        EventErrorKind.NotAStatus => UserTexts.UnknownStatus,
        _ => UserTexts.NotAnObject,
    };
}
