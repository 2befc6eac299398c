using System.Text.RegularExpressions;
using Aspire.Hosting.ApplicationModel;
using Chat.AppHost.Containers;
using Chat.Tests.Repository;

namespace Chat.Tests.Aspire;

/// <summary>The model of the graph on containers with Prometheus and Grafana.</summary>
public sealed class MonitoredModel() : AppHostModel("--Engines=containers", $"--{Monitoring.Setting}=true");

public sealed class MonitoringTests(MonitoredModel monitored, ContainersModel plain)
    : IClassFixture<MonitoredModel>, IClassFixture<ContainersModel>
{
    private static readonly string[] Both = [Monitoring.Prometheus, Monitoring.Grafana];

    public static TheoryData<string> EachService => [.. ContainersModel.Services];

    [Fact]
    public void They_are_there_where_the_setting_asks_for_them_alone()
    {
        Assert.All(Both, name => Assert.IsType<ContainerResource>(monitored.Resource(name)));
        Assert.DoesNotContain(plain.Model.Resources, r => Both.Contains(r.Name));
    }

    [Fact]
    public void No_service_waits_for_them() => Assert.All(ContainersModel.Services, service => Assert.DoesNotContain(
        monitored.Resource(service).Annotations.OfType<WaitAnnotation>(), w => Both.Contains(w.Resource.Name)));

    [Theory]
    [MemberData(nameof(EachService))]
    public async Task A_service_sends_its_metrics_to_Prometheus(string service)
    {
        var environment = await monitored.EnvironmentAsync(service);
        var address = Assert.IsType<ReferenceExpression>(environment["OTEL_EXPORTER_OTLP_METRICS_ENDPOINT"]);
        Assert.Equal("{prometheus.bindings.http.url}/api/v1/otlp/v1/metrics", address.ValueExpression);
        Assert.Equal("http/protobuf", environment["OTEL_EXPORTER_OTLP_METRICS_PROTOCOL"]);
        Assert.DoesNotContain("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", (await plain.EnvironmentAsync(service)).Keys);
    }

    [Fact]
    public void What_they_read_is_there_and_read_only() => Assert.All(Both, name =>
    {
        var mounts = monitored.Resource(name).Annotations.OfType<ContainerMountAnnotation>().ToList();
        Assert.NotEmpty(mounts);
        Assert.All(mounts, m => Assert.True(m.IsReadOnly && (File.Exists(m.Source) || Directory.Exists(m.Source)), m.Source));
    });

    [Fact]
    public void Their_images_are_pinned_and_the_same_as_composes()
    {
        var compose = Compose();
        Assert.All(Both, name =>
        {
            var image = Assert.Single(monitored.Resource(name).Annotations.OfType<ContainerImageAnnotation>());
            Assert.Matches(@"^v?\d+\.\d+\.\d+$", image.Tag!);
            Assert.Contains($"image: {image.Registry}/{image.Image}:{image.Tag}\n", compose, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Composes_services_let_Prometheus_alone_read_their_metrics()
    {
        var compose = Compose();
        Assert.Contains("ipv4_address: ${CHAT_PROMETHEUS_IP:-172.30.84.250}\n", compose, StringComparison.Ordinal);
        Assert.Contains("chat-api: &metrics\n    environment:\n      Metrics__Allow__0: ${CHAT_PROMETHEUS_IP:-172.30.84.250}\n", compose);
        Assert.All(
            ContainersModel.Services.Where(s => s != "chat-api"), service => Assert.Contains($"  {service}: *metrics\n", compose));
        var scraped = Read("deploy/prometheus/prometheus.yml");
        Assert.All(ContainersModel.Services, service => Assert.Matches($@"names: \[.*\b{service}\b.*\]", scraped));
        Assert.All(
            Regex.Matches(compose, @"- \./(?<path>deploy/[^:]+):").Select(m => Path.Combine(SourceFiles.Root, m.Groups["path"].Value)),
            path => Assert.True(File.Exists(path) || Directory.Exists(path), path));
    }

    private static string Compose() => Read("deploy/compose/monitoring.yaml");

    private static string Read(string path) => File.ReadAllText(Path.Combine(SourceFiles.Root, path));
}
