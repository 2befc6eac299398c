using System.Text;
using System.Text.Json;
using Chat.Core.Webhooks;
using Chat.Tests.Webhooks;

namespace Chat.Tests.Fuzz;

/// <summary>
/// Webhooks of every kind that are wrong in every way: what can't be read is a dead letter, what is not known is counted, nothing throws,
/// no update harms another of the same request, and none becomes another organization's.
/// </summary>
public sealed class WebhookFuzzTests
{
    private const int Usual = 1_500;

    // A store in memory that is searched through gets slow.
    private const int OfOneGraph = 200;

    // What surrounds an element is a few levels more, and deeper than 256 nothing is read.
    private static readonly JsonDocumentOptions Shallow = new() { MaxDepth = 200 };

    [Fact]
    public Task WhatsApp() => RunAsync("whatsapp", (mutation, random, updates) =>
    {
        var changes = new List<string>();
        var number = AccountOf(random, WebhookFuzzGraph.Number, WebhookFuzzGraph.OtherNumber, updates);
        for (var left = random.Next(1, 4); left > 0; left--)
        {
            var (field, list, sample) = WebhookSamples.WhatsApp[random.Next(WebhookSamples.WhatsApp.Length)];
            var elements = new List<string> { updates.Mutate(mutation, sample, random.Next(4)) };
            if (list == "statuses") elements.Add(WebhookFixture.Status(updates.NewWitness()));
            if (list == "messages") elements.Add(WebhookFixture.TextOf(updates.NewWitness(), "Oi", from: "5511900000009"));
            if (random.Next(2) == 0) elements.Reverse();
            var contact = updates.Mutate(
                mutation,
                """{"profile":{"name":"Maria"},"wa_id":"5511900000002","user_id":"BR.13490000000000000001"}""",
                Math.Max(0, random.Next(6) - 3));
            changes.Add($$$"""
                {"field":"{{{field}}}","value":{"messaging_product":"whatsapp","metadata":{"display_phone_number":"551130000001",
                "phone_number_id":{{{number}}}},"contacts":[{{{contact}}}],"{{{list}}}":[{{{string.Join(',', elements)}}}]}}
                """);
        }
        return $$"""
            {"object":"whatsapp_business_account",
            "entry":[{"id":"{{WebhookFuzzGraph.Business}}","changes":[{{string.Join(',', changes)}}]}]}
            """;
    });

    [Fact]
    public Task Instagram() => RunAsync("instagram", (mutation, random, updates) =>
    {
        var lists = new Dictionary<string, List<string>>();
        var profile = AccountOf(random, WebhookFuzzGraph.Profile, WebhookFuzzGraph.OtherProfile, updates);
        for (var left = random.Next(1, 4); left > 0; left--)
        {
            var (list, sample) = WebhookSamples.Instagram[random.Next(WebhookSamples.Instagram.Length)];
            if (!lists.TryGetValue(list, out var elements)) lists[list] = elements = [];
            elements.Add(updates.Mutate(mutation, sample, random.Next(4)));
            if (list == "changes") continue;
            elements.Insert(random.Next(elements.Count + 1), $$$"""
                {"sender":{"id":"990099"},"recipient":{"id":"1"},"timestamp":1790000200001,
                {{{(random.Next(2) == 0 ? "\"read\":{\"mid\":" : "\"message\":{\"text\":\"Oi\",\"mid\":")}}}"{{{updates.NewWitness()}}}"}}
                """);
        }
        var arrays = lists.Select(list => $"\"{list.Key}\":[{string.Join(',', list.Value)}]");
        return $$"""{"object":"instagram","entry":[{"id":{{profile}},"time":1790000200123,{{string.Join(',', arrays)}}}]}""";
    });

    /// <summary>An account's id as JSON: mostly the one whose updates are expected to come through.</summary>
    private static string AccountOf(Random random, string own, string other, Updates updates)
    {
        var id = random.Next(20) switch
        {
            0 or 1 => $"\"{other}\"",
            2 => WebhookSamples.Words[random.Next(WebhookSamples.Words.Length)],
            _ => $"\"{own}\"",
        };
        if (id != $"\"{own}\"") updates.AreIntact = false;
        return id;
    }

    private static async Task RunAsync(string channel, Func<JsonMutation, Random, Updates, string> write)
    {
        var inputs = new FuzzInputs($"Webhooks {channel}");
        var random = inputs.Random;
        var mutation = new JsonMutation(random, WebhookSamples.Words);
        WebhookFuzzGraph? graph = null;
        try
        {
            for (var left = FuzzInputs.Count(250, Usual); left > 0; left--)
            {
                if (graph is null || left % OfOneGraph == 0)
                {
                    graph?.Dispose();
                    graph = await WebhookFuzzGraph.StartAsync(channel);
                }
                var updates = new Updates(left);
                var json = write(mutation, random, updates);
                if (random.Next(6) == 0) json = updates.Mutate(mutation, json, random.Next(1, 4), isWhole: true);
                var body = Encoding.UTF8.GetBytes(json);
                if (random.Next(12) == 0)
                {
                    body = mutation.Damage(body);
                    updates.AreIntact = false;
                }
                if (body.Length > RawWebhook.MaxBytes) continue;
                Guid? appOf = random.Next(20) switch
                {
                    < 5 => WebhookFuzzGraph.Organization,
                    < 8 => WebhookFuzzGraph.OtherOrganization,
                    _ => null,
                };
                int? most = random.Next(5) == 0 ? random.Next(100, 4_000) : null;
                var isOurs = updates.AreIntact && appOf != WebhookFuzzGraph.OtherOrganization;
                try
                {
                    await graph.TakeAsync(body, appOf, most, isOurs ? updates.Witnesses : []);
                }
                catch (Exception exception)
                {
                    var start = Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 3000)));
                    var which = $"seed {inputs.Seed}, {left} left, app of {appOf}, cut at {most}";
                    throw new InvalidOperationException($"{which}: {start}", exception);
                }
            }
        }
        finally
        {
            graph?.Dispose();
        }
    }

    /// <summary>What goes into one body.</summary>
    private sealed class Updates(int number)
    {
        private readonly List<string> _witnesses = [];

        /// <summary>Whether nothing surrounds the witnesses that keeps them from being read.</summary>
        public bool AreIntact { get; set; } = true;

        /// <summary>The ids of updates that are as they should be.</summary>
        public IReadOnlyList<string> Witnesses => _witnesses;

        public string NewWitness()
        {
            _witnesses.Add($"witness.{number}.{_witnesses.Count}");
            return _witnesses[^1];
        }

        public string Mutate(JsonMutation mutation, string json, int times, bool isWhole = false)
        {
            var changed = mutation.Change(json, times);
            if (isWhole || !IsElement(changed)) AreIntact = false;
            return changed;
        }

        private static bool IsElement(string json)
        {
            try
            {
                using var _ = JsonDocument.Parse($"[{json},0]", Shallow);
                return true;
            }
            catch (JsonException)
            {
                return false;
            }
        }
    }
}
