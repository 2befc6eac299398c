using Chat.LoadTest;
using Chat.LoadTest.Distributed;
using Chat.LoadTest.Faults;

namespace Chat.Tests.LoadTest;

public sealed class LeaksTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("chat-leaks-").FullName;
    private readonly RunIds _ids = RunIds.Create(2);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Line_that_holds_a_token_a_key_a_text_or_a_number_is_found_in_whichever_log_it_is()
    {
        var token = Tokens.Mint(Services.JwtKey, _ids.Organization, _ids.User);
        File.WriteAllLines(
            Path.Combine(_folder, "api.log"),
            [
                $"GET /ws/status?access_token={token}", $"The key is {Services.CallbacksKeyOf("whatsapp")}", $"sent {_ids.TextOf(7)}",
                $"to {_ids.RecipientOf(7)}", $"again to {_ids.RecipientOf(8)}", $"message of {_ids.ConversationOf(7)}",
            ]);
        File.WriteAllLines(Path.Combine(_folder, "redis.log"), ["Ready to accept connections"]);

        var leaks = Leaks.Search(_folder, Leaks.SecretsOf(_ids, token));

        Assert.False(leaks.None);
        var report = new Markdown();
        leaks.WriteTo(report);
        var lines = report.ToString().Split('\n');
        Assert.Contains(lines, l => l.StartsWith("| api | 6 |") && l.EndsWith("| 1 | 1 | 1 | 2 |"));
        Assert.Contains(lines, l => l.StartsWith("| redis | 1 |") && l.EndsWith("| 0 | 0 | 0 | 0 |"));
    }

    [Fact]
    public void Log_without_any_of_them_has_no_leak()
    {
        File.WriteAllText(Path.Combine(_folder, "api.log"), $"Routed 3 messages of {_ids.ConversationOf(1)}");

        Assert.True(Leaks.Search(_folder, Leaks.SecretsOf(_ids, Tokens.Mint(Services.JwtKey, _ids.Organization, _ids.User))).None);
    }
}
