using Chat.Connectors.Providers;
using Chat.Connectors.Providers.Meta;

namespace Chat.Connectors.Instagram.Sending;

/// <summary>The errors of Instagram's messaging API.</summary>
internal static class InstagramErrors
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private static readonly ErrorRule OutsideWindow = new ErrorRule.Refuse("More than 24 hours have passed since the person last wrote");
    private static readonly ErrorRule NoSuchPerson = new ErrorRule.Refuse("There is no such person for this account");
    private static readonly ErrorRule NotAvailable = new ErrorRule.Refuse(
        "The person can't be reached: blocked the account, left Instagram or turned messages off");

    // A block may look like this too, so that it ends.
    private static readonly ErrorRule Temporary = new ErrorRule.Again(
        "Instagram could not take the message", LaterScope.Recipient, Second, Minute, Tries: 5);

    private static readonly ErrorRule NotPermitted = new ErrorRule.Refuse("The access token may not do this");

    private static readonly ErrorRule AccountLimit = new ErrorRule.Again(
        "The account sends too fast", LaterScope.Account, Second, 15 * Minute);

    public static ErrorTable Table { get; } = new("Instagram", new Dictionary<(int, int?), ErrorRule>
    {
        [(10, 2534022)] = OutsideWindow,
        [(10, 2018278)] = OutsideWindow,
        [(100, 2534014)] = NoSuchPerson,
        [(100, 2018001)] = NoSuchPerson,
        [(551, null)] = NotAvailable,
        [(1545041, null)] = NotAvailable,
        [(1, null)] = Temporary,
        [(2, null)] = Temporary,
        [(1200, null)] = Temporary,
        [(2, 1545133)] = Temporary,
        [(4, null)] = new ErrorRule.Again("The app has reached its limit of calls", LaterScope.App, Minute, 15 * Minute),
        [(17, null)] = AccountLimit,
        [(32, null)] = AccountLimit,
        [(613, null)] = AccountLimit,
        [(100, 2018109)] = new ErrorRule.Refuse("The file is too large"),
        [(100, null)] = new ErrorRule.Refuse("Something in the message is wrong"),
        [(0, null)] = new ErrorRule.Stop("The access token is not valid any more"),
        [(190, null)] = new ErrorRule.Stop("The access token is not valid any more"),
        [(10, null)] = NotPermitted,
        [(200, null)] = NotPermitted,
        [(230, null)] = NotPermitted,
        [(368, null)] = new ErrorRule.Refuse("The account is blocked for breaking Instagram's policies", Stops: true),
    });

    /// <summary>Whether nothing was sent since the person has not written for 24 hours.</summary>
    public static bool IsOutsideWindow(GraphReply reply) =>
        reply is GraphReply.Failure failure && Table.RuleOf(failure.Error) == OutsideWindow;
}
