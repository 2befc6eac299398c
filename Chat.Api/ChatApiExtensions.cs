using System.Text.Encodings.Web;
using System.Text.Json.Serialization;
using Chat.Api.Accounts;
using Chat.Api.Auth;
using Chat.Api.Backpressure;
using Chat.Api.Callbacks;
using Chat.Api.Channels;
using Chat.Api.Conversations;
using Chat.Api.Demo;
using Chat.Api.Http;
using Chat.Api.Hub;
using Chat.Api.Media;
using Chat.Api.Messages;
using Chat.Api.Operations;
using Chat.Api.Operations.Page;
using Chat.Api.Problems;
using Chat.Api.Reference;
using Chat.Api.Webhooks;
using Chat.ServiceDefaults.Accounts;

namespace Chat.Api;

/// <summary>The whole API: REST, the WebSocket hub, and in Development the demo page.</summary>
public static class ChatApiExtensions
{
    public static WebApplicationBuilder AddChatApi(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.AddServerHeader = false);
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJsonContext.Default);
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            // Answers are never put into HTML by us: accents stay readable.
            json.SerializerOptions.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        });
        builder.Services.AddProblemDetails(problems => problems.CustomizeProblemDetails = Problem.Complete);
        builder.Services.AddExceptionHandler<ProblemExceptionHandler>();
        builder.Services.AddSingleton<ApiMetrics>();
        builder.AddChatAuth();
        builder.AddAccounts();
        builder.AddAccountChanges();
        builder.AddKnownProxies();
        builder.AddChatCors();
        builder.AddChatOpenApi();
        builder.AddBackpressure();
        builder.AddMessages();
        builder.AddMedia();
        builder.AddConversations();
        builder.AddCallbacks();
        builder.AddWebhooks();
        builder.AddChannels();
        builder.AddOperations();
        builder.AddStatusHub();
        return builder;
    }

    public static WebApplication MapChatApi(this WebApplication app)
    {
        app.UseKnownProxies();
        app.UseExceptionHandler();
        app.UseStatusCodePages();
        app.UseCors();
        if (app.Environment.IsDevelopment()) app.UseDemo();
        app.UseAuthentication();
        app.UseAuthorization();
        app.MapStatusHub();

        app.MapReference();
        app.MapOperationsPage();
        var api = app.MapGroup("/v1").RequireAuthorization();
        api.MapMessages();
        api.MapMedia();
        api.MapConversations();
        api.MapChannels();
        api.MapCallbacks();
        api.MapAccounts();
        api.MapWebhooks();
        api.MapOperations();
        if (app.Environment.IsDevelopment()) api.MapMintToken();
        return app;
    }
}
