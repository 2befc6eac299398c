using System.Reflection;

namespace Chat.Tests.Telemetry;

public sealed class LogEventsTests
{
    [Fact]
    public void Event_ids_are_unique_over_all_projects()
    {
        var ids = Directory.GetFiles(AppContext.BaseDirectory, "Chat.*.dll")
            .Select(path => Assembly.Load(Path.GetFileNameWithoutExtension(path)))
            .SelectMany(assembly => assembly.GetTypes().Where(t => t.Name == "LogEvents"))
            .SelectMany(type => type.GetFields().Select(f => (Id: (int)f.GetRawConstantValue()!, Name: $"{type.Namespace}.{f.Name}")))
            .ToList();

        Assert.Contains("Chat.Core.TryFailed", ids.Select(e => e.Name));
        Assert.Contains("Chat.StatusWorker.Audited", ids.Select(e => e.Name));
        Assert.Empty(ids.GroupBy(e => e.Id).Where(g => g.Count() > 1).Select(g => string.Join(" = ", g.Select(e => e.Name))));
    }
}
