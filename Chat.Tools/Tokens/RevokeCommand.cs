using Chat.Core.Bus;
using Chat.Core.Text;
using Chat.Core.Time;
using Chat.Core.Tokens;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tools.Tokens;

/// <summary>Revokes a token.</summary>
public static class RevokeCommand
{
    // Longer than a token of this system lives, and within what a store can make a row expire after.
    private const int MostYears = 10;

    private static readonly TimeSpan HintTimeout = TimeSpan.FromSeconds(5);

    public static Task<int> RunAsync(RevokeOptions options, TextWriter output, CancellationToken cancellationToken) => ToolHost.RunAsync(
        options.Data,
        static _ => { },
        services => RunAsync(
            services.GetRequiredService<IRevokedTokenStore>(),
            services.GetRequiredService<IStatusBus>,
            services.GetRequiredService<TimeProvider>(),
            options,
            output,
            cancellationToken));

    /// <param name="bus">Asked once the store has the token: where its server is away, that takes its time.</param>
    public static async Task<int> RunAsync(
        IRevokedTokenStore store,
        Func<IStatusBus> bus,
        TimeProvider time,
        RevokeOptions options,
        TextWriter output,
        CancellationToken cancellationToken)
    {
        var token = new RevokedToken(options.TokenId, options.Until);
        var now = time.GetUtcNow();
        if (token.KeptUntil <= now || token.Until > now.AddYears(MostYears))
            throw new ArgumentException($"--until: a token ends now or later, and within {MostYears} years.");
        await store.RevokeAsync(token, cancellationToken);
        var heard = await TryHintAsync(bus, time, cancellationToken);
        await output.WriteLineAsync(
            $"revoked {Printable.Line(token.TokenId, RevokedToken.MaxIdLength)} until {WireTime.Format(token.Until)}"
            + (heard ? "" : "; the bus could not be reached: instances notice at their next look (Jwt:RevocationInterval)"));
        return 0;
    }

    // The store has it, and all instances look there: without the bus it takes some seconds more, and so it does when this is interrupted.
    private static async Task<bool> TryHintAsync(Func<IStatusBus> bus, TimeProvider time, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(HintTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            await RevocationHint.PublishAsync(bus(), either.Token);
            return true;
        }
#pragma warning disable CA1031 // Whatever the bus throws, the token is revoked.
        catch (Exception)
#pragma warning restore CA1031
        {
            return false;
        }
    }
}
