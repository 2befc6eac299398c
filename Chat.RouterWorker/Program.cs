using Chat.Engines;
using Chat.ServiceDefaults;
using Chat.RouterWorker;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddChatEngines();
builder.AddRouterWorker();

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
