using Chat.Connectors.Outbound;
using Chat.Core.Contacts;

namespace Chat.Connectors.Providers;

/// <summary>What a provider answered to a message.</summary>
/// <param name="ProviderMessageIds">
/// Its ids: several of a message that became more than one there. An answer that is no acceptance has those of the parts that went.
/// </param>
public abstract record SendAnswer(IReadOnlyList<string> ProviderMessageIds)
{
    /// <summary>The provider has it.</summary>
    /// <param name="Statuses">What is to be reported now or later. The rest, if there is any, comes by the provider's webhooks.</param>
    public sealed record Accepted(IReadOnlyList<string> ProviderMessageIds, IReadOnlyList<PlannedStatus> Statuses)
        : SendAnswer(ProviderMessageIds)
    {
        /// <summary>The recipient's addresses that the answer names.</summary>
        public IReadOnlyList<ContactAddress> Addresses { get; init; } = [];

        /// <summary>The recipient as the provider names them; null where the answer doesn't.</summary>
        public string? SendTo { get; init; }
    }

    /// <summary>The provider refuses it for good.</summary>
    /// <param name="Reason">For people, with the provider's code at its end.</param>
    public sealed record Rejected(string Reason) : SendAnswer([])
    {
        /// <summary>Why a person must see to the account, whose further messages wait until then; null where nobody must.</summary>
        public string? Attention { get; init; }
    }

    /// <summary>Not now: it may be sent again.</summary>
    /// <param name="Wait">Null: not before a person has seen to the account.</param>
    /// <param name="Reason">For people, should it be given up.</param>
    public sealed record Later(LaterScope Scope, TimeSpan? Wait, string Reason) : SendAnswer([]);

    /// <summary>Nothing says whether the provider has it. It must not be sent again.</summary>
    /// <param name="Why">For operators.</param>
    public sealed record Unknown(string Why) : SendAnswer([]);
}

/// <summary>Whose messages wait after <see cref="SendAnswer.Later"/>.</summary>
public enum LaterScope
{
    /// <summary>Those of this account to this recipient.</summary>
    Recipient,

    /// <summary>All of this account.</summary>
    Account,

    /// <summary>All accounts of its business at the provider.</summary>
    Business,

    /// <summary>All accounts of its app at the provider.</summary>
    App,
}
