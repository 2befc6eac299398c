namespace Chat.MetaSimulator.Errors;

/// <summary>The errors that Meta documents, by code.</summary>
public static class KnownErrors
{
    private const int Bad = 400;
    private const int Unauthorized = 401;
    private const int Forbidden = 403;
    private const int Missed = 404;
    private const int TooMany = 429;
    private const int Broken = 500;
    private const int Away = 503;

    /// <summary>The subcode of 100 where a link was no file.</summary>
    public const int NotFetched = 2018008;

    private static readonly Dictionary<(int Code, int? Subcode), GraphError> All = Rows().ToDictionary(e => (e.Code, e.Subcode));

    /// <summary>Every row.</summary>
    public static IReadOnlyCollection<GraphError> Table => All.Values;

    /// <summary>An error by its code; one of no known words where Meta documents none.</summary>
    public static GraphError Of(int code, int? subcode = null, string? details = null)
    {
        var known = All.GetValueOrDefault((code, subcode)) ?? All.GetValueOrDefault((code, null))
            ?? new GraphError(Bad, code, subcode, "An error that is not documented", "No more is known.");
        return known with { Subcode = subcode ?? known.Subcode, Details = details ?? known.Details };
    }

    public static GraphError Parameter(string what) => new(Bad, 100, null, what, what);

    public static GraphError Missing(string parameter) =>
        Of(131008, details: $"Parameter of type {parameter} is missing.");

    public static GraphError Invalid(string parameter) =>
        Of(131009, details: $"Parameter value is not valid: {parameter}");

    private static IEnumerable<GraphError> Rows()
    {
        yield return new(Unauthorized, 0, null, "AuthException", "We were unable to authenticate the app user.");
        yield return new(Broken, 1, null, "API Unknown", "Invalid request or possible server error.", IsTransient: true);
        yield return new(Away, 2, null, "API Service", "Temporary due to downtime or due to being overloaded.", IsTransient: true);
        yield return new(Broken, 2, 1545133, "API Service", "The message could not be sent now.", IsTransient: true);
        yield return new(Forbidden, 3, null, "API Method", "Capability or permissions issue.");
        yield return new(TooMany, 4, null, "Application request limit reached", "The app has reached its API call rate limit.");
        yield return new(Forbidden, 10, null, "Permission Denied", "Permission is either not granted or has been removed.");
        yield return new(Bad, 10, 2534022, "This message is sent outside of allowed window.", "The 24-hour window is closed.");
        yield return new(Bad, 10, 2018278, "This message is sent outside of allowed window.", "The 24-hour window is closed.");
        yield return new(TooMany, 17, null, "User request limit reached", "Too many calls for this user.");
        yield return new(TooMany, 32, null, "Page request limit reached", "Too many calls for this page.");
        yield return new(Bad, 33, null, "Parameter value is not valid", "The business phone number has been deleted.");
        yield return new(Bad, 100, null, "Invalid parameter", "The request included one or more unsupported or misspelled parameters.");
        yield return new(
            Bad,
            100,
            33,
            "Unsupported post request. Object does not exist, or cannot be loaded due to missing permissions",
            "The id is not one that this token may use.");
        yield return new(Bad, 100, 2534014, "No matching user found", "The requested user cannot be found.");
        yield return new(Bad, 100, 2018001, "No matching user found", "The requested user cannot be found.");
        yield return new(Bad, 100, NotFetched, "Failed to fetch the file from the url", "The file was not there, or is not one that goes.");
        yield return new(Bad, 100, 2018109, "Attachment size exceeds allowable limit", "The attachment is too large.");
        yield return new(Unauthorized, 190, null, "Invalid OAuth access token", "The access token is not valid.");
        yield return new(Unauthorized, 190, 463, "Error validating access token: Session has expired", "The access token has expired.");
        yield return new(Forbidden, 200, null, "Permissions error", "The app lacks a permission.");
        yield return new(Forbidden, 230, null, "Requires pages_messaging permission", "The app lacks a permission.");
        yield return new(Forbidden, 368, null, "Temporarily blocked for policies violations", "The account was restricted.");
        yield return new(Bad, 551, null, "This person isn't available right now.", "The person does not take messages.");
        yield return new(Bad, 551, 1545041, "This person isn't available right now.", "The person does not take messages.");
        yield return new(TooMany, 613, null, "Calls to this api have exceeded the rate limit.", "Too many calls.");
        yield return new(Bad, 1200, null, "Temporary send message failure. Please try again later.", "Try again.", IsTransient: true);
        yield return new(TooMany, 80007, null, "Rate limit issues", "The WhatsApp Business Account has reached its rate limit.");
        yield return new(TooMany, 130429, null, "Rate limit hit", "Cloud API message throughput has been reached.");
        yield return new(Bad, 130472, null, "User's number is part of an experiment", "Message was not sent as part of an experiment.");
        yield return new(Forbidden, 130497, null, "Business account is restricted", "Restricted from messaging users in this country.");
        yield return new(Broken, 131000, null, "Something went wrong", "Message failed to send due to an unknown error.");
        yield return new(Forbidden, 131005, null, "Access denied", "Permission is either not granted or has been removed.");
        yield return new(Bad, 131008, null, "Required parameter is missing", "The request is missing a required parameter.");
        yield return new(Bad, 131009, null, "Parameter value is not valid", "One or more parameter values are invalid.");
        yield return new(Broken, 131016, null, "Service unavailable", "A service is temporarily unavailable.");
        yield return new(Bad, 131021, null, "Recipient cannot be sender", "Sender and recipient phone number is the same.");
        yield return new(Bad, 131026, null, "Message undeliverable", "Unable to deliver message.");
        yield return new(Bad, 131030, null, "Recipient phone number not in allowed list", "Add the recipient to the list.");
        yield return new(Forbidden, 131031, null, "Account has been locked", "The account was restricted or disabled.");
        yield return new(Bad, 131037, null, "Display name approval needed", "The display name was not approved.");
        yield return new(Bad, 131042, null, "Business eligibility payment issue", "There was an error related to the payment method.");
        yield return new(Broken, 131045, null, "Incorrect certificate", "Message failed due to a phone number registration error.");
        yield return new(
            Bad, 131047, null, "Re-engagement message", "More than 24 hours have passed since the recipient last replied.");
        yield return new(TooMany, 131048, null, "Spam rate limit hit", "Too many messages were blocked or flagged as spam.");
        yield return new(
            Bad, 131049, null, "Meta chose not to deliver", "Not delivered to maintain healthy ecosystem engagement.");
        yield return new(Bad, 131050, null, "User has stopped marketing messages", "The user chose to stop marketing messages.");
        yield return new(Bad, 131051, null, "Unsupported message type", "Message type is currently not supported.");
        yield return new(Bad, 131052, null, "Media download error", "Unable to download the media sent by the user.");
        yield return new(Bad, 131053, null, "Media upload error", "Unable to upload the media used in the message.");
        yield return new(TooMany, 131056, null, "(Business Account, Consumer Account) pair rate limit hit", "Too many to this recipient.");
        yield return new(Broken, 131057, null, "Account in maintenance mode", "A throughput upgrade is happening.");
        yield return new(Bad, 131062, null, "Recipient id is not supported here", "Business-scoped user ids can't be used here.");
        yield return new(Bad, 131063, null, "Only marketing by its own API", "Use the marketing API.");
        yield return new(Bad, 131064, null, "Template limit", "The account was limited after misclassified templates.");
        yield return new(Bad, 132000, null, "Template param count mismatch", "The number of parameters does not match.");
        yield return new(Missed, 132001, null, "Template does not exist", "Template name does not exist in the translation.");
        yield return new(Bad, 132005, null, "Template hydrated text too long", "The translated text is too long.");
        yield return new(Bad, 132007, null, "Template format character policy violated", "The template violates a policy.");
        yield return new(Bad, 132008, null, "Template content policy violated", "The template violates a policy.");
        yield return new(Bad, 132012, null, "Template parameter format mismatch", "A parameter is formatted incorrectly.");
        yield return new(Bad, 132015, null, "Template is paused", "The template is paused due to low quality.");
        yield return new(Bad, 132016, null, "Template is disabled", "The template was paused too many times.");
        yield return new(Bad, 132068, null, "Flow is blocked", "The flow is in blocked state.");
        yield return new(TooMany, 132069, null, "Flow is throttled", "10 messages using this flow were already sent in the hour.");
        yield return new(Away, 133004, null, "Server temporarily unavailable", "The server is temporarily unavailable.");
        yield return new(Bad, 133010, null, "Phone number not registered", "The phone number is not registered.");
        yield return new(Bad, 135000, null, "Generic user error", "Message failed to send because of an unknown error.");
        yield return new(Bad, 137000, null, "Identity key differs", "The identity key hash does not match.");
        yield return new(Bad, 470, null, "Re-engagement message", "More than 24 hours have passed.");
    }
}
