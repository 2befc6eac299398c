namespace Chat.Tests.Graph;

/// <summary>The scenarios on Chat.Standalone.</summary>
public sealed class StandaloneScenarioTests(StandaloneProcess standalone) : ChatScenarios(standalone), IClassFixture<StandaloneProcess>;
