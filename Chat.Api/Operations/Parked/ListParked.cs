using System.Buffers.Text;
using System.Globalization;
using System.Text;
using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Api.Texts;
using Chat.Core.Parking;
using Microsoft.AspNetCore.Http.HttpResults;

namespace Chat.Api.Operations.Parked;

/// <summary><c>GET /v1/operations/parked</c>.</summary>
internal static class ListParked
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    private const char Separator = ' ';

    /// <summary>How far beyond now all are looked for: the clocks of those who append may be ahead.</summary>
    public static readonly TimeSpan Slack = TimeSpan.FromHours(1);

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static async Task<Results<Ok<ParkedPageView>, ProblemHttpResult>> HandleAsync(
        HttpContext context, string? limit, string? after, IParkedStore parked, TimeProvider time)
    {
        var errors = new FieldErrors();
        var most = Parameters.Integer("limit", limit, 1, MaxLimit, DefaultLimit, errors);
        var place = after is null ? null : Parse(after);
        if (after is not null && place is null) errors.Add("after", UserTexts.NotACursor);
        if (errors.Any) return Problem.BadRequest(context, errors);

        var page = await EngineCall.GuardAsync(
            ct => parked.ListParkedBeforeAsync(time.GetUtcNow() + Slack, place, most, ct), context.RequestAborted);
        return TypedResults.Ok(new ParkedPageView(
            [.. page.Statuses.Select(ParkedView.From)], page.IsLast ? null : Format(page.Through)));
    }

    // A subject is a stranger's text: what holds it is only for us to read.
    internal static string Format(ParkedPlace place) => Base64Url.EncodeToString(Strict.GetBytes(
        string.Create(CultureInfo.InvariantCulture, $"{place.AppendedAt.ToUnixTimeMilliseconds()} {place.Seq} {place.Subject}")));

    internal static ParkedPlace? Parse(string cursor)
    {
        try
        {
            return Strict.GetString(Base64Url.DecodeFromChars(cursor)).Split(Separator, 3) is [var at, var seq, var subject]
                && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
                && milliseconds <= DateTimeOffset.MaxValue.ToUnixTimeMilliseconds()
                && long.TryParse(seq, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
                    ? new(DateTimeOffset.FromUnixTimeMilliseconds(milliseconds), subject, number)
                    : null;
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            return null;
        }
    }
}
