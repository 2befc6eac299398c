using Chat.Api.Problems;
using Chat.Core.Engines;
using Chat.Core.PutBack;
using Chat.Core.Time;

namespace Chat.Api.Operations.DeadLetters;

/// <summary>What became of a wish to put a dead letter back.</summary>
internal enum PutBackOutcome
{
    Done,
    Missing,
    IsBack,
    EventIsGone,
    Refused,
}

/// <summary>The dead letters for those who look at them over HTTP: what is listed is bounded, and each goes back once.</summary>
internal sealed partial class DeadLetterDesk
{
    /// <summary>How many of each partition are listed.</summary>
    public const int OfEachPartition = 200;

    private static readonly TimeSpan Age = TimeSpan.FromSeconds(5);

    private readonly DeadLetterBox _box;
    private readonly ILogger<DeadLetterDesk> _logger;
    private readonly Cached<NewestDeadLetters> _newest;

    // One at a time: between looking whether one is back and recording that it is, nobody else looks.
    private readonly FifoSemaphore _turn = new(1);

    public DeadLetterDesk(DeadLetterBox box, TimeProvider time, ILogger<DeadLetterDesk> logger)
    {
        (_box, _logger) = (box, logger);
        _newest = new(() => box.ListNewestAsync(OfEachPartition, CancellationToken.None).AsTask(), Age, time);
    }

    /// <exception cref="UnavailableException">The log does not answer.</exception>
    public ValueTask<NewestDeadLetters> ListAsync(CancellationToken cancellationToken) =>
        EngineCall.GuardAsync(ct => new ValueTask<NewestDeadLetters>(_newest.GetAsync(ct)), cancellationToken);

    /// <inheritdoc cref="ListAsync"/>
    public ValueTask<DeadLetter?> FindAsync(string topic, int partition, long offset, CancellationToken cancellationToken) =>
        EngineCall.GuardAsync(ct => _box.FindAsync(topic, partition, offset, ct), cancellationToken);

    /// <inheritdoc cref="ListAsync"/>
    /// <param name="by">Who asked for it.</param>
    public async ValueTask<(PutBackOutcome Outcome, DeadLetter? Letter)> PutBackAsync(
        string topic, int partition, long offset, Guid by, CancellationToken cancellationToken)
    {
        await _turn.EnterAsync(cancellationToken);
        try
        {
            var letter = await FindAsync(topic, partition, offset, cancellationToken);
            if (letter is null) return (PutBackOutcome.Missing, null);
            if (letter.IsBack) return (PutBackOutcome.IsBack, letter);
            if (!letter.CanGoBack) return (PutBackOutcome.EventIsGone, letter);
            // To its end, also where the client has gone: half of it would have it go back twice.
            await EngineCall.GuardAsync(ct => _box.PutBackAsync(letter, by.ToString("D"), ct), CancellationToken.None);
            LogPutBack(by, letter.Location, letter.Origin);
            return (PutBackOutcome.Done, letter);
        }
        catch (EngineRefusedException)
        {
            return (PutBackOutcome.Refused, null);
        }
        finally
        {
            _newest.Forget();
            _turn.Leave();
        }
    }

    [LoggerMessage(
        EventId = LogEvents.DeadLetterPutBack,
        Level = LogLevel.Information,
        Message = "Operator {User} put the dead letter {Location} back into {Topic}")]
    private partial void LogPutBack(Guid user, string location, string topic);
}
