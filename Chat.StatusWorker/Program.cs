using Chat.Engines.Selection;
using Chat.ServiceDefaults;
using Chat.StatusWorker;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddChatEngines();
builder.AddStatusWorker();

var app = builder.Build();
app.MapDefaultEndpoints();
await app.RunAsync();
