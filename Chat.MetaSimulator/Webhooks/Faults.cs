namespace Chat.MetaSimulator.Webhooks;

/// <summary>What goes wrong, by shares from 0 to 1, and how long things take, in milliseconds.</summary>
public sealed record Faults
{
    private const int Hour = 3_600_000;

    /// <summary>Requests that are cut off before Meta has taken anything.</summary>
    public double LostRequests { get; init; }

    /// <summary>Messages that are taken, and whose answer never comes.</summary>
    public double LostAnswers { get; init; }

    /// <summary>Of what is lost, the part where the connection stays open without a word; the rest is reset.</summary>
    public double Silences { get; init; }

    /// <summary>Updates that come twice.</summary>
    public double Duplicates { get; init; }

    /// <summary>POSTs that come again although they were answered with 200.</summary>
    public double Redeliveries { get; init; }

    /// <summary>Updates that wait until later ones have passed them.</summary>
    public double Disorder { get; init; }

    /// <summary>Instagram's echoes that are told at once, so that they come before the answer where it takes any time.</summary>
    public double EarlyEchoes { get; init; }

    /// <summary>How long an answer takes.</summary>
    public int AnswerMilliseconds { get; init; } = 60;

    /// <summary>How long after one another the steps of a message are told.</summary>
    public int StepMilliseconds { get; init; } = 350;

    /// <summary>At most this much more, drawn for each update.</summary>
    public int JitterMilliseconds { get; init; } = 150;

    /// <summary>Of one POST; Meta promises no more than 1000.</summary>
    public int BatchSize { get; init; } = 50;

    /// <summary>POSTs at a time to one app.</summary>
    public int Concurrency { get; init; } = 4;

    /// <summary>The pause before a POST that was not answered with 200 is tried again; each further one is twice as long.</summary>
    public int RetryMilliseconds { get; init; } = 1000;

    /// <summary>The first thing about it that makes no sense; null where all does.</summary>
    public string? Wrong() => this switch
    {
        _ when new[] { LostRequests, LostAnswers, Silences, Duplicates, Redeliveries, Disorder, EarlyEchoes }
            .Any(s => s is not (>= 0 and <= 1)) => "A share is from 0 to 1.",
        { AnswerMilliseconds: not (>= 0 and <= Hour) } or { StepMilliseconds: not (>= 0 and <= Hour) }
            or { JitterMilliseconds: not (>= 0 and <= Hour) } => "A time is from 0 to an hour.",
        { BatchSize: < 1 or > 1000 } => "batchSize is from 1 to 1000.",
        { Concurrency: < 1 or > 64 } => "concurrency is from 1 to 64.",
        { RetryMilliseconds: < 1 } => "retryMilliseconds is above 0.",
        _ => null,
    };
}
