using System.Net.Sockets;
using Chat.Core;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Chat.Standalone;

/// <summary>Says what to do about a start that failed for a reason that a person can change.</summary>
public static class StartUpError
{
    private const string HostCategory = "Microsoft.Extensions.Hosting";

    private const string ChooseAnother =
        "Another address is chosen by --urls http://localhost:5001, or the environment variable ASPNETCORE_URLS.";

    /// <summary>
    /// Keeps the host's own account of a failed start, pages of stacks of whatever else was starting, out of the log:
    /// <see cref="Explain"/> says it in a line, or the exception ends the process with the one stack that matters.
    /// </summary>
    public static void LogHostOnceStarted(this WebApplicationBuilder builder)
    {
        var started = false;
        builder.Logging.AddFilter(HostCategory, level => Volatile.Read(ref started) && level >= LogLevel.Information);
        builder.Services.AddHostedService(services => new Flag(
            services.GetRequiredService<IHostApplicationLifetime>(), () => Volatile.Write(ref started, true)));
    }

    /// <summary>One or more lines; null where the exception is a defect, whose stack somebody needs.</summary>
    public static string? Explain(Exception exception) => exception switch
    {
        IOException { InnerException: AddressInUseException } =>
            $"{exception.Message.TrimEnd('.')}. Stop what listens there. {ChooseAnother}",
        OptionsValidationException invalid => string.Join(Environment.NewLine, invalid.Failures),
        AggregateException { InnerExceptions.Count: 1 } one => Explain(one.InnerExceptions[0]),
        SocketException =>
            $"This machine can't listen there: {exception.Message.TrimEnd('.')}. {ChooseAnother}",
        StartUpException => exception.Message,
        IOException or UnauthorizedAccessException => exception.Message,
        _ => null,
    };

    private sealed class Flag(IHostApplicationLifetime lifetime, Action raise) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            lifetime.ApplicationStarted.Register(raise);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
