using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Testing;
using Chat.AppHost;
using Chat.AppHost.Containers;
using Chat.AppHost.Containers.Cassandra;
using Chat.Core.Channels;

namespace Chat.Tests.Aspire;

public sealed class ContainersModelTests(ContainersModel apphost) : IClassFixture<ContainersModel>
{
    private static readonly string[] Uis = Feed.IsFull ? ["kafka-ui", "redisinsight"] : ["redisinsight"];

    public static TheoryData<string> EachService => [.. ContainersModel.Services];

    [Fact]
    public void It_has_the_servers_and_the_services_of_the_seed()
    {
        // Aspire's where the full feed has it, else ours of the same name.
        Assert.Equal("KafkaServerResource", apphost.Resource("kafka").GetType().Name);
        Assert.IsType<RedisResource>(apphost.Resource("redis"));
        Assert.IsType<CassandraResource>(apphost.Resource("cassandra"));
        Assert.Equal(
            ContainersModel.Services.Order(), apphost.Model.Resources.OfType<ProjectResource>().Select(r => r.Name).Order());
    }

    [Theory]
    [MemberData(nameof(EachService))]
    public void A_service_starts_once_the_servers_are_healthy(string service)
    {
        var waits = apphost.Resource(service).Annotations.OfType<WaitAnnotation>().ToList();
        Assert.Equal(ContainersModel.Servers.Order(), waits.Select(w => w.Resource.Name).Order());
        Assert.All(waits, w => Assert.Equal(WaitType.WaitUntilHealthy, w.WaitType));
    }

    [Theory]
    [MemberData(nameof(EachService))]
    public async Task A_service_gets_the_connection_strings_of_all_servers_and_no_password_beside_them(string service)
    {
        var environment = await apphost.EnvironmentAsync(service);
        Assert.All(ContainersModel.Servers, server => Assert.Contains($"ConnectionStrings__{server}", environment.Keys));
        Assert.DoesNotContain(environment.Keys, name => name.Contains("PASSWORD", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("chat-api", 2)]
    [InlineData("router-worker", 2)]
    [InlineData("status-worker", 2)]
    [InlineData("connector-whatsapp", 1)]
    public void The_API_and_the_workers_run_twice(string service, int replicas) =>
        Assert.Equal(replicas, apphost.Resource(service).GetReplicaCount());

    [Fact]
    public void Everything_that_starts_by_itself_is_asked_for_its_health() => Assert.All(
        ContainersModel.Servers.Concat(ContainersModel.Services),
        name => Assert.NotEmpty(apphost.Resource(name).Annotations.OfType<HealthCheckAnnotation>()));

    [Fact]
    public void The_UIs_start_by_a_click_only()
    {
        Assert.All(Uis, name => Assert.Contains(apphost.Resource(name).Annotations, a => a is ExplicitStartupAnnotation));
        Assert.DoesNotContain(
            ContainersModel.Servers.Concat(ContainersModel.Services),
            name => apphost.Resource(name).Annotations.Any(a => a is ExplicitStartupAnnotation));
    }

    [Fact]
    public void The_API_is_at_port_5000_as_the_seed_has_it()
    {
        var endpoint = Assert.Single(apphost.Resource("chat-api").Annotations.OfType<EndpointAnnotation>());
        Assert.Equal(5000, endpoint.Port);
        Assert.True(endpoint.IsExternal);
    }

    [Theory]
    [InlineData("Jwt__Key", "jwt-key")]
    [InlineData("Callbacks__Keys__whatsapp", "callbacks-key-whatsapp")]
    public async Task A_key_is_a_secret_parameter_that_is_made_at_the_first_run(string variable, string parameter)
    {
        var value = Assert.IsType<ParameterResource>((await apphost.EnvironmentAsync("chat-api"))[variable]);
        Assert.Equal(parameter, value.Name);
        Assert.True(value.Secret);
        Assert.NotNull(value.Default);
    }

    public static TheoryData<string> Channels => [.. ChannelCatalog.Names];

    [Theory]
    [MemberData(nameof(Channels))]
    public async Task A_connector_connects_one_channel_and_calls_nobody_back(string channel)
    {
        var environment = await apphost.EnvironmentAsync($"connector-{channel}");
        Assert.Equal(channel, environment["Connectors__Run__0"]);
        Assert.DoesNotContain("Connectors__Run__1", environment.Keys);
        Assert.DoesNotContain("Connectors__CallbackUrl", environment.Keys);
        var key = Assert.IsType<ParameterResource>(environment[$"Callbacks__Keys__{channel}"]);
        Assert.Equal($"callbacks-key-{channel}", key.Name);
        Assert.Single(environment.Keys, k => k.StartsWith("Callbacks__", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_local_run_is_in_Development_so_that_the_demo_page_works() =>
        Assert.Equal("Development", (await apphost.EnvironmentAsync("chat-api"))["ASPNETCORE_ENVIRONMENT"]);

    [Theory]
    [MemberData(nameof(EachService))]
    public async Task A_service_has_its_room_for_new_objects(string service) => Assert.Equal(
        service == "chat-api" ? Generation0.OfApi : Generation0.OfWorkers,
        (await apphost.EnvironmentAsync(service))[Generation0.Variable]);

    [Theory]
    [InlineData("kafka")]
    [InlineData("cassandra")]
    public void A_server_without_a_quiet_check_of_its_own_is_asked_by_ours_alone(string server) => Assert.Equal(
        $"{server}_probe", Assert.Single(apphost.Resource(server).Annotations.OfType<HealthCheckAnnotation>()).Key);

    [Fact]
    public void Cassandras_connection_string_is_its_drivers()
    {
        var cassandra = (IResourceWithConnectionString)apphost.Resource("cassandra");
        Assert.Equal(
            "Contact Points={cassandra.bindings.cql.host};Port={cassandra.bindings.cql.port};Default Keyspace=chat",
            cassandra.ConnectionStringExpression.ValueExpression);
    }

    [Fact]
    public void Kafkas_connection_string_is_its_bootstrap_server() => Assert.Equal(
        "{kafka.bindings.tcp.host}:{kafka.bindings.tcp.port}",
        ((IResourceWithConnectionString)apphost.Resource("kafka")).ConnectionStringExpression.ValueExpression);

    [Theory]
    [InlineData("kafka", "chat-kafka")]
    [InlineData("cassandra", "chat-cassandra")]
    public void What_has_to_last_is_in_a_volume(string server, string volume) =>
        Assert.Equal(volume, Assert.Single(apphost.Resource(server).Annotations.OfType<ContainerMountAnnotation>()).Source);

    [Fact]
    public async Task A_build_without_Cassandras_driver_has_the_model_and_refuses_to_start_it()
    {
        Assert.SkipWhen(Feed.IsFull, "This build has the full feed's packages.");
        var ct = TestContext.Current.CancellationToken;
        await using var builder =
            await DistributedApplicationTestingBuilder.CreateAsync<Projects.Chat_AppHost>(["--Engines=containers"], ct);
        await using var app = await builder.BuildAsync(ct);
        var error = await Assert.ThrowsAnyAsync<Exception>(() => app.StartAsync(ct));
        Assert.Contains("--Engines=embedded", error.ToString(), StringComparison.Ordinal);
    }
}
