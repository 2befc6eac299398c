namespace Chat.Connectors.Providers.Meta;

/// <summary>What an error of the provider's means for a message.</summary>
/// <param name="Reason">For people, in plain words; the code is added.</param>
internal abstract record ErrorRule(string Reason)
{
    /// <summary>This message will never go.</summary>
    /// <param name="Stops">Whether the account's further messages wait until a person has seen to it.</param>
    public sealed record Refuse(string Reason, bool Stops = false) : ErrorRule(Reason);

    /// <summary>The account can't send, this message included, until a person has seen to it.</summary>
    public sealed record Stop(string Reason) : ErrorRule(Reason);

    /// <summary>It may go later.</summary>
    /// <param name="First">
    /// After the first try; it grows by <paramref name="Factor"/> with each further one, up to <paramref name="Longest"/>.
    /// </param>
    /// <param name="Tries">After so many it is refused.</param>
    /// <param name="OnlyByLink">
    /// Only where a file was named by a link, which was perhaps unreachable for a moment; else it is refused.
    /// </param>
    public sealed record Again(
        string Reason,
        LaterScope Scope,
        TimeSpan First,
        TimeSpan Longest,
        int Tries = int.MaxValue,
        double Factor = 2,
        bool OnlyByLink = false) : ErrorRule(Reason)
    {
        /// <summary>How long to wait after the try of a number, from 1.</summary>
        public TimeSpan WaitAfter(int number)
        {
            var wait = First.TotalSeconds * Math.Pow(Factor, Math.Min(number - 1, 30));
            return wait < Longest.TotalSeconds ? TimeSpan.FromSeconds(wait) : Longest;
        }
    }
}
