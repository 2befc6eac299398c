using System.Net;
using System.Text;

namespace Chat.Tests.Api;

/// <summary>In which forms a body is taken, by posts and by callbacks alike, and what the others are answered.</summary>
public sealed class BodyFormTests : IAsyncLifetime
{
    private const string Callback = """{"message_id":"0198c1b2-7d6c-7a3e-8c1d-0242ac120002","channel":"whatsapp","status":"SENT"}""";

    private readonly Desk _desk = new();
    private ApiHost _api = null!;

    public async ValueTask InitializeAsync() => _api = await ApiHost.StartAsync();

    public async ValueTask DisposeAsync() => await _api.DisposeAsync();

    [Theory]
    [InlineData("application/json", true)]
    [InlineData("APPLICATION/JSON;CHARSET=UTF8", true)]
    [InlineData("application/json ; charset = utf-8", true)]
    [InlineData("application/json;charset=\"UTF-8\"", true)]
    [InlineData("application/json;", true)]
    [InlineData("application/json; version=1", true)]
    [InlineData("application/vnd.api+json", true)]
    [InlineData("application/json; charset=utf-16", false)]
    [InlineData("application/json; charset=us-ascii", false)]
    [InlineData("application/json; charset=utf-7", false)]
    [InlineData("application/json; charset='utf-8'", false)]
    [InlineData("application/json; charset=", false)]
    [InlineData("application/json, text/plain", false)]
    [InlineData("application/jsonp", false)]
    [InlineData("application/xml", false)]
    [InlineData("multipart/form-data; boundary=x", false)]
    [InlineData("json", false)]
    [InlineData("", false)]
    public Task A_content_type_is_json_in_UTF_8_however_it_is_written_or_415(string contentType, bool isTaken) =>
        AssertAsync("Content-Type", isTaken, content => content.Headers.TryAddWithoutValidation("Content-Type", contentType));

    [Theory]
    [InlineData("identity", true)]
    [InlineData("Identity", true)]
    [InlineData("gzip", false)]
    [InlineData("x-gzip", false)]
    [InlineData("deflate", false)]
    [InlineData("br", false)]
    [InlineData("zstd", false)]
    [InlineData("identity, gzip", false)]
    [InlineData("\u001b[2J", false)]
    public Task A_body_comes_without_an_encoding_or_is_415(string encoding, bool isTaken) =>
        AssertAsync("Content-Encoding", isTaken, content =>
        {
            content.Headers.TryAddWithoutValidation("Content-Type", "application/json");
            content.Headers.TryAddWithoutValidation("Content-Encoding", encoding);
        });

    // A refused form is said to be one though the bytes are no JSON either.
    private async Task AssertAsync(string header, bool isTaken, Action<HttpContent> form)
    {
        foreach (var (path, token, body) in new[]
        {
            ("/v1/messages", _desk.Token, _desk.Body()),
            ("/v1/callbacks/status", ApiHost.CallbackKey, Callback),
        })
        {
            var answer = await PostAsync(path, token, Encoding.UTF8.GetBytes(body), form);
            if (isTaken)
            {
                answer.Is(HttpStatusCode.Accepted);
                continue;
            }
            answer.IsProblem(HttpStatusCode.UnsupportedMediaType, header);
            Assert.Equal(header == "Content-Encoding" ? "identity" : null, answer.Header("Accept-Encoding"));
            (await PostAsync(path, token, [0x1F, 0x8B, 0xFF], form)).IsProblem(HttpStatusCode.UnsupportedMediaType, header);
        }
    }

    private Task<Answer> PostAsync(string path, string token, byte[] body, Action<HttpContent> form)
    {
        var content = new ByteArrayContent(body);
        form(content);
        return _api.SendAsync(HttpMethod.Post, path, token, content);
    }
}
