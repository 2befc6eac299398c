using Chat.Connectors.Providers;
using Chat.Connectors.Providers.Meta;

namespace Chat.Connectors.WhatsApp.Sending;

/// <summary>The errors of WhatsApp's Cloud API.</summary>
internal static class WhatsAppErrors
{
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    public static ErrorTable Table { get; } = new("WhatsApp", Rules());

    private static Dictionary<(int Code, int? Subcode), ErrorRule> Rules()
    {
        var rules = new Dictionary<(int, int?), ErrorRule>();
        void Add(ErrorRule rule, params int[] codes)
        {
            foreach (var code in codes) rules.Add((code, null), rule);
        }
        void Refuse(string reason, params int[] codes) => Add(new ErrorRule.Refuse(reason), codes);

        Add(new ErrorRule.Again("WhatsApp is not available", LaterScope.Recipient, Second, 5 * Minute), 1, 2);
        Add(new ErrorRule.Again("The app has reached its limit of calls", LaterScope.App, Minute, 15 * Minute), 4);
        Add(new ErrorRule.Again("The business has reached its limit of calls", LaterScope.Business, Minute, 15 * Minute), 80007);
        Add(new ErrorRule.Again("The number sends too fast", LaterScope.Account, Second, Minute), 130429);
        // 4^n seconds for n = 0, 1, 2…
        Add(
            new ErrorRule.Again("Too many messages to this person in a short time", LaterScope.Recipient, Second, 20 * Minute, Factor: 4),
            131056);
        Add(new ErrorRule.Again("WhatsApp could not take the message", LaterScope.Recipient, Second, Minute, Tries: 5), 131000, 131016);
        // Often the shape of the request: the same again is the same again.
        Add(new ErrorRule.Again("WhatsApp could not take the message", LaterScope.Recipient, Second, Minute, Tries: 3), 135000);
        Add(new ErrorRule.Again("The number is being upgraded", LaterScope.Account, Minute, 5 * Minute), 131057);
        Add(new ErrorRule.Again("WhatsApp's server is down", LaterScope.Account, Minute, 5 * Minute), 133004);
        Add(
            new ErrorRule.Again(
                "WhatsApp could not get the file", LaterScope.Recipient, 5 * Second, 5 * Second, Tries: 2, OnlyByLink: true),
            131052,
            131053);

        Add(new ErrorRule.Stop("The number was limited because people blocked or reported it"), 131048);
        Add(new ErrorRule.Stop("The access token is not valid any more"), 0, 190);
        Add(new ErrorRule.Refuse("The account is locked", Stops: true), 131031);
        Add(new ErrorRule.Refuse("The account is blocked for breaking WhatsApp's policies", Stops: true), 368);
        Add(new ErrorRule.Refuse("The business may not write to people in this country", Stops: true), 130497);

        Refuse("WhatsApp chose not to deliver this marketing message to this person; try again in 24 hours at the earliest", 131049);
        Refuse("This person stopped marketing messages from this business", 131050);
        Refuse("WhatsApp keeps this person from marketing messages for an experiment of its own", 130472);
        Refuse(
            "The message can't be delivered: the person is not on WhatsApp, has an old version, did not accept its terms or blocked the "
            + "business",
            131026);
        Refuse("More than 24 hours have passed since the person last wrote: only a template can be sent", 131047, 470);
        Refuse("WhatsApp does not know this kind of message", 131051);
        Refuse("The message lacks something that WhatsApp needs", 131008);
        Refuse("Something in the message is wrong", 131009, 100);
        Refuse("The number does not exist any more", 33);
        Refuse("The recipient is the sender", 131021);
        Refuse("The recipient is not on the list of the test number", 131030);
        Refuse("The number's display name is not approved", 131037);
        Refuse("The business has not settled its payment", 131042);
        Refuse("The number's certificate is wrong", 131045);
        Refuse("The number is not registered", 133010);
        Refuse("This kind of message needs the person's phone number", 131062);
        Refuse("Marketing messages can be sent by WhatsApp's marketing API alone", 131063);
        Refuse("The business may send fewer templates, because some were put into a wrong category", 131064);
        Refuse("The template's parameters don't fit", 132000, 132012);
        Refuse("There is no such template in this language", 132001);
        Refuse("The template's text is too long with its parameters", 132005);
        Refuse("The template breaks WhatsApp's policies", 132007);
        Refuse("The template's parameters are of another kind", 132008);
        Refuse("The template is paused for its quality", 132015);
        Refuse("The template is disabled for its quality", 132016);
        Refuse("The flow is blocked", 132068);
        Refuse("The flow was sent too often; it can be sent again in an hour", 132069);
        Refuse("The person's identity key is another one", 137000);
        Refuse("The access token may not do this", [3, 10, 131005, .. Enumerable.Range(200, 100)]);
        return rules;
    }
}
