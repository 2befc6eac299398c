using System.Text.Json;
using Chat.Connectors.Webhooks;
using Chat.Connectors.WhatsApp.Receiving;
using Chat.Core.Contacts;

namespace Chat.Tests.Webhooks;

public sealed class WhatsAppContactsTests
{
    // Few, so that they meet: numbers as they are written here and there, and ids.
    private static readonly string?[] Ids = [null, "", "551188880002", "+55 11 8888-0002", "5511988880002", "14155550100", "BR.1", "BR.22"];

    [Fact]
    public void The_first_is_found_that_has_one_of_the_ids_in_any_of_its_places()
    {
        var random = new Random(20261130);
        var found = 0;
        for (var i = 0; i < 20_000; i++)
        {
            var people = Enumerable.Range(0, random.Next(5)).Select(n => new { wa_id = Any(random), user_id = Any(random), n }).ToList();
            var change = JsonSerializer.SerializeToElement(new { contacts = people });
            var (phone, userId) = (Any(random), Any(random));

            var expected = change.Objects("contacts").Cast<JsonElement?>().FirstOrDefault(p => IsOne(p!.Value, phone, userId));

            Assert.Equal(expected?.GetRawText(), new WhatsAppContacts(change).Find(phone, userId)?.GetRawText());
            if (expected is not null) found++;
        }

        Assert.InRange(found, 2_000, 18_000);
    }

    private static bool IsOne(JsonElement person, string? phone, string? userId)
    {
        var (waId, id) = (person.Text("wa_id"), person.Text("user_id"));
        var canonical = PhoneNumbers.Canonical(phone);
        return (userId is not null && id == userId)
            || (canonical is not null && PhoneNumbers.Canonical(waId) == canonical)
            || (phone is not null && (phone == waId || phone == id));
    }

    private static string? Any(Random random) => Ids[random.Next(Ids.Length)];
}
