using Chat.LoadTest.Pipeline.History;

namespace Chat.LoadTest.Pipeline;

/// <summary>All that a run measured.</summary>
internal sealed record PipelineResult(IReadOnlyList<PipelineStep> Steps)
{
    /// <summary>Memory while nothing is posted: after the warm-up, and each time that messages were stored.</summary>
    public IReadOnlyList<MemoryOfAll> AtRest { get; init; } = [];

    /// <summary>How messages were stored before rates were measured.</summary>
    public IReadOnlyList<Fill> Fills { get; init; } = [];

    /// <summary>Whether nothing is missing, and there was something that could be.</summary>
    public bool IsComplete =>
        Steps.All(s => s is { Missing: 0, Messages: > 0 } && s.Beside is null or { Missing: 0, Messages: > 0 });
}
