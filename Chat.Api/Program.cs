using Chat.Api;
using Chat.Engines.Selection;
using Chat.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddChatEngines();
builder.AddChatApi();
var app = builder.Build();
app.MapDefaultEndpoints();
app.MapChatApi();
app.Run();
