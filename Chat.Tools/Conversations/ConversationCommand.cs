using Chat.Core.Conversations;
using Chat.Core.Erasure;
using Chat.Core.Time;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tools.Conversations;

/// <summary>Says whose a conversation is.</summary>
public static class ConversationCommand
{
    public static Task<int> RunAsync(ConversationOptions options, TextWriter output, CancellationToken cancellationToken) =>
        ToolHost.RunAsync(
            options.Data,
            _ => { },
            services => RunAsync(
                services.GetRequiredService<IConversationStore>(),
                services.GetRequiredService<IErasure>(),
                options.Conversation,
                output,
                cancellationToken));

    /// <returns>The exit code: 1 where nobody owns it.</returns>
    public static async Task<int> RunAsync(
        IConversationStore conversations, IErasure erasure, Guid id, TextWriter output, CancellationToken cancellationToken)
    {
        var owners = await conversations.FindOwnersAsync([id], cancellationToken);
        if (!owners.TryGetValue(id, out var owner))
        {
            await output.WriteLineAsync("nobody posted to it yet");
            return 1;
        }
        await output.WriteLineAsync($"organization {owner.OrganizationId:D}");
        await output.WriteLineAsync($"since        {WireTime.Format(owner.CreatedAt)}");
        if ((await erasure.FindErasedAsync([id], cancellationToken)).TryGetValue(id, out var erased))
            await output.WriteLineAsync($"erased       {WireTime.Format(erased)}");
        return 0;
    }
}
