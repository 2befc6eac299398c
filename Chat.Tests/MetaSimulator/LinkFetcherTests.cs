using Chat.MetaSimulator.Accounts;
using Chat.MetaSimulator.Media;
using Chat.Tests.Api;
using Chat.Tests.Graph;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;

namespace Chat.Tests.MetaSimulator;

/// <summary>How long, how much and how many at once, and what is told of it.</summary>
public sealed class LinkFetcherTests : IDisposable
{
    private static readonly Uri Address = new("http://files.example/a.png");

    private readonly FakeTimeProvider _time = new();
    private readonly CapturedLogs _logs = new();
    private readonly LoggerFactory _loggers = new();
    private readonly StubbedHost _host = new();
    private readonly LinkFetcher _links;

    public LinkFetcherTests()
    {
        _loggers.AddProvider(_logs);
        _links = new(_host, _time, new Logger<LinkFetcher>(_loggers));
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _links.Dispose();
        _host.Dispose();
        _loggers.Dispose();
        _logs.Dispose();
    }

    [Fact]
    public async Task A_file_may_take_longer_than_its_headers()
    {
        var body = new GatedStream();
        _host.Answer = _ => Task.FromResult(File(body));
        var fetching = _links.FindFaultAsync([Image()], Cancellation);
        await body.Started;

        _time.Advance(TimeSpan.FromSeconds(15));
        body.End();

        Assert.Null(await fetching);
    }

    [Fact]
    public async Task Headers_have_5_seconds_and_all_of_it_has_less_than_anybody_waits_for_an_answer()
    {
        _host.Answer = _ => new TaskCompletionSource<HttpResponseMessage>().Task;
        var headers = _links.FindFaultAsync([Image()], Cancellation);
        await Until.TrueAsync(() => _host.Requests.Count == 1, "it is asked");
        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Contains("in time", await headers, StringComparison.Ordinal);

        var body = new GatedStream();
        _host.Answer = _ => Task.FromResult(File(body));
        var file = _links.FindFaultAsync([Image()], Cancellation);
        await body.Started;
        _time.Advance(TimeSpan.FromSeconds(20));
        Assert.Contains("in time", await file, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_are_fetched_together_and_16_at_once()
    {
        var gate = new TaskCompletionSource();
        _host.Answer = async _ =>
        {
            await gate.Task;
            return File(new MemoryStream([1, 2, 3]));
        };
        var fetching = _links.FindFaultAsync(Enumerable.Repeat(Image(), 20), Cancellation);
        await Until.TrueAsync(() => _host.Requests.Count == 16, "16 are under way");
        gate.SetResult();

        Assert.Null(await fetching);
        Assert.Equal(20, _host.Requests.Count);
        Assert.Equal(16, _host.MostAtOnce);
    }

    [Theory]
    [InlineData("text/html", 3)]
    [InlineData("image/png", 6_000_000)]
    public async Task What_can_not_go_by_its_headers_is_not_read(string type, long length)
    {
        var body = new GatedStream();
        body.End();
        _host.Answer = _ => Task.FromResult(File(body, type, length));

        Assert.NotNull(await _links.FindFaultAsync([Image()], Cancellation));
        Assert.False(body.Started.IsCompleted);
    }

    [Fact]
    public async Task What_is_too_large_without_saying_so_is_not_read_to_its_end()
    {
        var body = new MemoryStream(new byte[12 << 20]);
        _host.Answer = _ => Task.FromResult(File(body));

        Assert.Contains("at most 5242880 bytes", await _links.FindFaultAsync([Image()], Cancellation), StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_says_who_asks_and_tells_no_more_of_a_host_than_that_nothing_came()
    {
        _host.Answer = _ => throw new HttpRequestException("Connection refused (192.168.0.1:80)");

        var fault = await _links.FindFaultAsync([Image()], Cancellation);

        Assert.NotEmpty(Assert.Single(_host.Requests).Headers.UserAgent);
        Assert.DoesNotContain("refused", fault, StringComparison.Ordinal);
        Assert.Contains(_logs.Records, r => r.Message.Contains("Connection refused", StringComparison.Ordinal));
    }

    private static MediaLink Image() => new(ChannelNames.WhatsApp, "image", Address);

    private static HttpResponseMessage File(Stream body, string type = "image/png", long? length = null)
    {
        var content = new StreamContent(body);
        content.Headers.ContentType = new(type);
        // Else a stream that has a length says it.
        content.Headers.ContentLength = length ?? 0;
        return new() { Content = content };
    }

    /// <summary>The only host there is.</summary>
    private sealed class StubbedHost : HttpMessageHandler, IHttpClientFactory
    {
        private readonly Lock _lock = new();
        private readonly List<HttpRequestMessage> _requests = [];
        private int _underWay;

        public Func<HttpRequestMessage, Task<HttpResponseMessage>> Answer { get; set; } = null!;

        public int MostAtOnce { get; private set; }

        public IReadOnlyList<HttpRequestMessage> Requests
        {
            get
            {
                lock (_lock) return [.. _requests];
            }
        }

        public HttpClient CreateClient(string name) => new(this, disposeHandler: false);

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            lock (_lock)
            {
                _requests.Add(request);
                MostAtOnce = Math.Max(MostAtOnce, ++_underWay);
            }
            try
            {
                return await Answer(request).WaitAsync(cancellationToken);
            }
            finally
            {
                lock (_lock) _underWay--;
            }
        }
    }

    /// <summary>A body that ends when a test says so.</summary>
    private sealed class GatedStream : Stream
    {
        private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<int> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        /// <summary>Completes when somebody reads.</summary>
        public Task Started => _started.Task;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void End() => _end.SetResult(0);

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            _started.TrySetResult();
            return await _end.Task.WaitAsync(cancellationToken);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
