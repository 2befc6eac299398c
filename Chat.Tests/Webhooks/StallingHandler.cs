using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Chat.Tests.Webhooks;

/// <summary>
/// Sends a request with all of its body but the last byte, and waits for the answer: the framework's own client reads none before it has
/// sent everything. HTTP/1.0, so that the answer ends with the connection.
/// </summary>
internal sealed class StallingHandler : HttpMessageHandler
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var (url, body) = (request.RequestUri!, await request.Content!.ReadAsByteArrayAsync(cancellationToken));
        using var client = new TcpClient();
        await client.ConnectAsync(url.Host, url.Port, cancellationToken);
        var headers = string.Concat(request.Headers.Select(h => $"{h.Key}: {string.Join(", ", h.Value)}\r\n"));
        var head = $"{request.Method} {url.PathAndQuery} HTTP/1.0\r\n{headers}Content-Length: {body.Length + 1}\r\n\r\n";
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken);
        await client.GetStream().WriteAsync(body, cancellationToken);
        using var reader = new StreamReader(client.GetStream(), Encoding.UTF8);
        return Parse(await reader.ReadToEndAsync(cancellationToken), request);
    }

    private static HttpResponseMessage Parse(string answer, HttpRequestMessage request)
    {
        var end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
        var head = answer[..end].Split("\r\n");
        var response = new HttpResponseMessage((HttpStatusCode)int.Parse(head[0].Split(' ')[1], CultureInfo.InvariantCulture))
        {
            RequestMessage = request,
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(answer[(end + 4)..])),
        };
        foreach (var (name, value) in head.Skip(1).Select(line => line.Split(": ", 2)).Select(pair => (pair[0], pair[1])))
        {
            if (!response.Headers.TryAddWithoutValidation(name, value)) response.Content.Headers.TryAddWithoutValidation(name, value);
        }
        return response;
    }
}
