using System.Text.RegularExpressions;
using Chat.Tests.Described;

namespace Chat.Tests.Api;

/// <summary>What a browser asks before it calls for a page of another origin: everything that is documented may be called.</summary>
public sealed partial class CorsTests(CorsTests.Host host) : IClassFixture<CorsTests.Host>
{
    private const string Page = "https://desk.example.com";

    /// <summary>Every method of every path.</summary>
    public static TheoryData<string, string> Documented
    {
        get
        {
            var rows = new TheoryData<string, string>();
            foreach (var operation in OpenApiDescription.Current.Operations) rows.Add(operation.Method, operation.Template);
            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Documented))]
    public async Task A_page_that_is_configured_may_call_what_is_documented(string method, string path)
    {
        var answer = await AskAsync(method, PlaceHolder().Replace(path, "1"));

        Assert.Equal(Page, answer.Header("Access-Control-Allow-Origin"));
        Assert.Contains(method, Methods(answer));
        Assert.Equal(
            ["authorization", "content-type", "idempotency-key"],
            (answer.Header("Access-Control-Allow-Headers") ?? "").Split(',').Select(h => h.Trim().ToLowerInvariant()).Order());
    }

    [Theory]
    [InlineData("PUT")]
    [InlineData("TRACE")]
    public async Task A_method_that_no_path_has_is_not_for_pages(string method) =>
        Assert.DoesNotContain(method, Methods(await AskAsync(method, "/v1/accounts")));

    private Task<Answer> AskAsync(string method, string path) => host.Api.SendAsync(
        HttpMethod.Options,
        path,
        token: null,
        content: null,
        request =>
        {
            request.Headers.Add("Origin", Page);
            request.Headers.Add("Access-Control-Request-Method", method);
            request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type,idempotency-key");
        });

    private static IEnumerable<string> Methods(Answer answer) =>
        (answer.Header("Access-Control-Allow-Methods") ?? "").Split(',').Select(m => m.Trim());

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex PlaceHolder();

    /// <summary>One API for all of them.</summary>
    public sealed class Host : IAsyncLifetime
    {
        internal ApiHost Api { get; private set; } = null!;

        public async ValueTask InitializeAsync() => Api = await ApiHost.StartAsync(new() { ["Cors:Origins:0"] = Page });

        public ValueTask DisposeAsync() => Api.DisposeAsync();
    }
}
