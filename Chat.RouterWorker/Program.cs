using Chat.Engines.Selection;
using Chat.RouterWorker;
using Chat.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddChatEngines();
builder.AddRouterWorker();

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
