using System.Reflection;
using Chat.Api;
using Chat.Connectors;
using Chat.Engines.Embedded;
using Chat.Engines.Kafka;
using Chat.Engines.Redis;
using Chat.MetaSimulator.Hosting;
using Chat.RouterWorker;
using Chat.ServiceDefaults;
using Chat.StatusWorker;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Chat.Tests.Configuration;

/// <summary>
/// That every class of options is checked at the start: a setting that makes no sense stops the start, and fails nothing later.
/// </summary>
public sealed class OptionsTests
{
    private const string CassandraExtensions = "Chat.Engines.Cassandra.CassandraExtensions, Chat.Engines.Cassandra";

    [Fact]
    public void Every_class_of_options_when_bound_to_a_section_is_checked_by_its_annotations_at_the_start()
    {
        var services = AllServices();
        var bound = Bound(services);

        var annotated = ArgumentsOf(services, typeof(IValidateOptions<>), d => d.ImplementationInstance is { } instance
            && instance.GetType() is { IsGenericType: true } type
            && type.GetGenericTypeDefinition() == typeof(DataAnnotationValidateOptions<>));
        Assert.Empty(Names(bound.Except(annotated)));
        Assert.Empty(Names(bound.Except(CheckedAtStart(services, bound))));
    }

    [Fact]
    public void Every_class_with_a_section_when_there_is_one_is_bound_by_the_extensions_that_are_tested_here()
    {
        var sections = Directory.GetFiles(AppContext.BaseDirectory, "Chat.*.dll")
            .Select(f => AssemblyName.GetAssemblyName(f))
            .Where(n => n.Name is not "Chat.Tests")
            .SelectMany(n => Assembly.Load(n).GetTypes())
            // Classes of constants, which other projects read a section by, are static.
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.GetField("Section") is { IsLiteral: true })
            .ToHashSet();

        Assert.Empty(Names(sections.Except(Bound(AllServices()))));
        Assert.True(sections.Count >= 10, string.Join(", ", Names(sections)));
    }

    private static WebApplicationBuilder Builder()
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { EnvironmentName = Environments.Production });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["ConnectionStrings:kafka"] = "127.0.0.1:1",
            ["ConnectionStrings:redis"] = "127.0.0.1:1",
            ["ConnectionStrings:cassandra"] = "Contact Points=127.0.0.1;Port=1",
            ["Embedded:DataFolder"] = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()),
            ["Jwt:Key"] = "a key that is long enough for HS256, by some",
            ["Callbacks:Keys:whatsapp"] = "a key of a connector that is long enough",
        });
        builder.AddEmbeddedEventLog();
        builder.AddEmbeddedStore();
        builder.AddInProcessStatusBus();
        builder.AddKafkaEventLog();
        builder.AddRedisStatusBus();
        Type.GetType(CassandraExtensions)?.GetMethod("AddCassandraStore")!.Invoke(null, [builder]);
        builder.AddServiceDefaults();
        builder.AddChatApi();
        builder.AddRouterWorker();
        builder.AddStatusWorker();
        builder.AddConnectors();
        builder.AddMetaSimulator();
        return builder;
    }

    private static IServiceCollection AllServices() => Builder().Services;

    private static HashSet<Type> Bound(IServiceCollection services) =>
        ArgumentsOf(services, typeof(IOptionsChangeTokenSource<>), _ => true);

    /// <summary>The classes of this solution that services of a generic type are registered for.</summary>
    private static HashSet<Type> ArgumentsOf(IServiceCollection services, Type generic, Func<ServiceDescriptor, bool> filter) =>
    [
        .. services
            .Where(d => d.ServiceType.IsGenericType && d.ServiceType.GetGenericTypeDefinition() == generic && filter(d))
            .Select(d => d.ServiceType.GetGenericArguments()[0])
            .Where(t => t.Assembly.GetName().Name!.StartsWith("Chat.", StringComparison.Ordinal)),
    ];

    /// <summary>Which of the classes the host's start checks: each gets a check that fails, and the start says which did.</summary>
    private static HashSet<Type> CheckedAtStart(IServiceCollection services, IEnumerable<Type> classes)
    {
        foreach (var type in classes)
        {
            services.AddSingleton(
                typeof(IValidateOptions<>).MakeGenericType(type),
                Activator.CreateInstance(typeof(AlwaysFails<>).MakeGenericType(type))!);
        }
        using var provider = services.BuildServiceProvider();
        var failed = Assert.ThrowsAny<Exception>(provider.GetRequiredService<IStartupValidator>().Validate);
        return
        [
            .. (failed is AggregateException several ? several.Flatten().InnerExceptions : [failed])
                .Cast<OptionsValidationException>()
                .Select(e => e.OptionsType),
        ];
    }

    private static IEnumerable<string> Names(IEnumerable<Type> types) => types.Select(t => t.FullName!).Order();

    private sealed class AlwaysFails<T> : IValidateOptions<T>
        where T : class
    {
        public ValidateOptionsResult Validate(string? name, T options) => ValidateOptionsResult.Fail("on purpose");
    }
}
