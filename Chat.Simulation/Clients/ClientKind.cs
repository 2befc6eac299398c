namespace Chat.Simulation.Clients;

/// <summary>How a client begins with a conversation.</summary>
public enum ClientKind
{
    /// <summary>As the seed's: it subscribes, and shows what comes.</summary>
    Watches,

    /// <summary>It loads the page and subscribes from where that ends.</summary>
    LoadsThenSubscribes,

    /// <summary>It subscribes and loads the page once the subscription stands.</summary>
    SubscribesThenLoads,
}
