using Chat.MetaSimulator.World;

namespace Chat.MetaSimulator.Control;

/// <summary>How far it is.</summary>
/// <param name="Waiting">Updates and POSTs that were not answered with 200 yet.</param>
/// <param name="GivenUp">POSTs that nobody took in time.</param>
public sealed record Overview(int Waiting, int GivenUp, int People, IReadOnlyList<AccountView> Accounts)
{
    public static Overview Of(MetaWorld world) => new(
        world.Updates.Count,
        world.Updates.GivenUp,
        world.People.Count,
        [.. world.Accounts.Select(a => new AccountView(a.Channel, a.Id, a.DisplayName, a.App, a.IsSubscribed, a.Tokens.Count))]);
}

/// <summary>An account, without its tokens.</summary>
public sealed record AccountView(string Channel, string Id, string DisplayName, string App, bool IsSubscribed, int Tokens);

/// <summary>A message of a business's, as the provider took it.</summary>
/// <param name="OpaqueData">What the request said for itself; null where it said nothing.</param>
/// <param name="FailedCode">Why it never reached the phone; null where it did, or waits for it.</param>
public sealed record TakenMessage(
    string Channel,
    string AccountId,
    string PersonId,
    string Id,
    string Type,
    string? Text,
    string? OpaqueData,
    DateTimeOffset At,
    bool IsDelivered,
    bool IsRead,
    int? FailedCode)
{
    public static IReadOnlyList<TakenMessage> All(MetaWorld world) =>
    [
        .. from person in world.People
           from thread in person.Threads
           from message in thread.Messages
           where !message.IsFromPerson
           select new TakenMessage(
               thread.Account.Channel,
               thread.Account.Id,
               person.Id,
               message.Id,
               message.Content.Type,
               message.Content.Text,
               message.OpaqueData,
               message.At,
               message.DeliveredAt is not null,
               message.ReadAt is not null,
               message.Failure?.Code),
    ];
}
