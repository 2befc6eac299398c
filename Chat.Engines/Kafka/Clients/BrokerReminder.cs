namespace Chat.Engines.Kafka.Clients;

/// <summary>
/// Tells the shared producer again where the brokers are, while requests by it get no answer. A broker that the cluster has fenced (it hung
/// for longer than <c>broker.session.timeout.ms</c>) answers, once it runs again, with metadata that name no broker. librdkafka (2.16)
/// then forgets the last broker it knows, and does not always go back to <c>bootstrap.servers</c>: such a client asks nobody any more, for
/// good (its issue 5301).
/// </summary>
/// <param name="remind">Adds the brokers to the client. Changes nothing for one that knows them.</param>
internal sealed class BrokerReminder(Action remind, TimeProvider time)
{
    /// <summary>How long a client has to find its brokers by itself, and the least pause between two reminders.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    private const long Never = long.MinValue;

    private long _since = Never;

    /// <summary>A request got no answer. For any thread.</summary>
    public void Unanswered()
    {
        var since = Interlocked.CompareExchange(ref _since, time.GetTimestamp(), Never);
        if (since == Never || time.GetElapsedTime(since) < Interval) return;
        if (Interlocked.CompareExchange(ref _since, time.GetTimestamp(), since) == since) remind();
    }

    /// <summary>One got its answer. For any thread.</summary>
    public void Answered()
    {
        // Read first: of appends that work there are thousands a second.
        if (Volatile.Read(ref _since) != Never) Volatile.Write(ref _since, Never);
    }
}
