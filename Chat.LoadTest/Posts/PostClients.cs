using System.Diagnostics;
using System.Globalization;
using System.Net;
using Chat.Core.Channels;
using Chat.Core.Messages;
using Chat.LoadTest.Deployment;
using Chat.LoadTest.InProcess;

namespace Chat.LoadTest.Posts;

/// <summary>
/// The clients of the post benchmark, a process of their own. Talks to its parent in lines: READY; then each <c>post RATE SECONDS KEYS</c>
/// is answered by <c>DONE</c> and <see cref="PostRound.Write"/> once every post was answered.
/// </summary>
internal static class PostClients
{
    public const string CommandName = "posters";

    private const int Conversations = 100;
    private const int Connections = 100;

    public static async Task<int> RunAsync(Uri api, string key)
    {
        using var http = new HttpClient(new SocketsHttpHandler { MaxConnectionsPerServer = Connections });
        Console.WriteLine("READY");
        while (Console.ReadLine() is { } line && line.Split(' ') is ["post", var rate, var seconds, var keys])
        {
            var duration = TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture));
            // One that is good for longer than the round.
            var token = Tokens.Mint(key, BenchmarkIds.Organization, BenchmarkIds.User, duration + TimeSpan.FromHours(1));
            var round = await RunAsync(
                http,
                api,
                token,
                double.Parse(rate, CultureInfo.InvariantCulture),
                duration,
                bool.Parse(keys));
            Console.WriteLine($"DONE {round.Write()}");
        }
        return 0;
    }

    public static async Task<PostRound> RunAsync(
        HttpClient http, Uri api, string token, double rate, TimeSpan duration, bool withKey)
    {
        var latencies = new LatencyHistogram();
        var posts = new List<Task>();
        var refused = 0;
        var started = Stopwatch.GetTimestamp();
        await OpenLoop.RunAsync(rate, duration, (number, due) => posts.Add(PostAsync(number, due)), CancellationToken.None);
        await Task.WhenAll(posts);
        return new(posts.Count, refused, Stopwatch.GetElapsedTime(started).TotalSeconds, latencies.Summarize());

        async Task PostAsync(long number, long due)
        {
            using var request = MessagePost.Create(api, token, BodyOf(number), withKey ? Guid.NewGuid().ToString() : null);
            try
            {
                using var response = await http.SendAsync(request);
                if (response.StatusCode == HttpStatusCode.Accepted)
                {
                    latencies.Record(due, Stopwatch.GetTimestamp());
                    return;
                }
            }
            catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
            {
                // No answer.
            }
            Interlocked.Increment(ref refused);
        }
    }

    private static object BodyOf(long number) => new
    {
        conversaId = BenchmarkIds.Conversation((int)(number % Conversations)),
        organizacaoId = BenchmarkIds.Organization,
        usuarioRemetenteId = BenchmarkIds.User,
        tipo = "text",
        conteudo = new { texto = "Olá, mundo! Seu pedido saiu para entrega." },
        direcao = MessageDirection.Outbound,
        canal = ChannelCatalog.WhatsApp,
        destinatario = $"+5511999990{number % Conversations:D3}",
    };
}
