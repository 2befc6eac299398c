using Chat.Api;
using Chat.Api.Callbacks;
using Chat.Connectors;
using Chat.Core.Text;
using Chat.Engines.Embedded;
using Chat.Engines.Selection;
using Chat.RouterWorker;
using Chat.ServiceDefaults;
using Chat.Standalone;
using Chat.Standalone.Phone;
using Chat.StatusWorker;
using Microsoft.Extensions.Options;

try
{
    var builder = StandaloneDefaults.CreateBuilder(args);
    builder.AddServiceDefaults();
    builder.LogHostOnceStarted();
    await using var phone = await DemoPhone.StartAsync(builder.Configuration);
    if (phone is not null) builder.AddDemoPhone(phone);
    builder.AddChatEngines();
    builder.AddChatApi();
    builder.AddRouterWorker();
    builder.AddStatusWorker();
    builder.AddConnectors();
    // The connectors call this very process, so they have the keys that it made for itself.
    builder.Services.AddOptions<ConnectorsOptions>().PostConfigure<IOptions<CallbacksOptions>>((connectors, own) =>
    {
        connectors.CallbackKey ??= own.Value.Key;
        foreach (var (channel, keys) in own.Value.ChannelKeys)
        {
            if (keys is [var key, ..]) connectors.AddCallbackKey(channel, key);
        }
    });

    await using var app = builder.Build();
    app.MapDefaultEndpoints();
    app.MapChatApi();
    if (phone is not null) app.MapDesk();
    app.PrintWhenStarted(PrintableWriter.Over(Console.Out), phone?.Page);
    // Before anything that is kept in it: the folder itself says best what is wrong with it.
    app.Services.GetService<DataFolder>();
    await app.RunAsync();
    return 0;
}
catch (Exception exception) when (StartUpError.Explain(exception) is not null)
{
    await PrintableWriter.Over(Console.Error).WriteLineAsync($"Chat could not start: {StartUpError.Explain(exception)}");
    return 1;
}
