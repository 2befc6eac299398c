using Chat.Connectors;
using Chat.Engines.Selection;
using Chat.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddChatEngines();
builder.AddConnectors();
var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();
