namespace Chat.Connectors;

/// <summary>Event ids of this project's log messages.</summary>
internal static class LogEvents
{
    public const int MessageSent = 4000;
    public const int DeadLettered = 4001;
    public const int MessageSentId = 4002;

    public const int CallbackAnswered = 4100;
    public const int CallbackFailed = 4101;
    public const int CallbacksDropped = 4102;
    public const int CallbackAddressUnknown = 4103;

    public const int ProviderAnswered = 4200;
    public const int ProviderSilent = 4201;
    public const int AccountStopped = 4202;
    public const int HintNotTaken = 4203;
    public const int HeldPutBack = 4204;
    public const int TriesGivenUp = 4205;
    public const int SendingPutOff = 4206;
    public const int RemovedHeldWait = 4207;

    public const int TokenRefreshed = 4300;
    public const int TokenNotRefreshed = 4301;
    public const int TokenCannotBeKept = 4302;

    public const int WebhooksHandled = 4400;
    public const int WebhookNotOurs = 4401;
    public const int ProviderTrouble = 4402;
}
