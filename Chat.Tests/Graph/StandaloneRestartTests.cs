namespace Chat.Tests.Graph;

/// <summary>Chat.Standalone killed under load.</summary>
public sealed class StandaloneRestartTests(StandaloneProcess standalone) : IClassFixture<StandaloneProcess>
{
    [Fact]
    public Task Every_message_answered_with_202_before_a_kill_becomes_READ() =>
        RestartScenarios.Every_message_answered_with_202_before_a_kill_becomes_READ(standalone, killAfter: 300, kills: 3);
}
