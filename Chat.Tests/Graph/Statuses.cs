using System.Text.Json;

namespace Chat.Tests.Graph;

/// <summary>What a client is shown of one message.</summary>
internal static class Statuses
{
    public static readonly string[] InOrder = ["SENT", "DELIVERED", "READ"];

    /// <summary>
    /// A frame carries what is known when it is made: on a machine that lags it may be more than its event said, and a slow reader
    /// may be spared the older one. What is shown never goes backwards, and ends with the truth.
    /// </summary>
    public static void AssertEndsInRead(IEnumerable<JsonElement> frames)
    {
        var shown = frames.Select(f => Array.IndexOf(InOrder, f.Text("status"))).ToList();
        Assert.NotEmpty(shown);
        Assert.Equal(shown.Order(), shown);
        Assert.Equal(2, shown[^1]);
    }

    /// <summary>The frames of one message that was just posted, one for each of its events.</summary>
    public static async Task<IReadOnlyList<JsonElement>> ThreeOfAsync(TestSocket socket, Guid message)
    {
        var frames = new List<JsonElement>();
        while (frames.Count < InOrder.Length)
        {
            var frame = await socket.ExpectAsync("message.status");
            Assert.Equal(message, frame.Id("messageId"));
            frames.Add(frame);
        }
        AssertEndsInRead(frames);
        return frames;
    }
}
