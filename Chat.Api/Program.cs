using Chat.Api;
using Chat.Engines;
using Chat.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddChatEngines();
builder.AddChatApi();
var app = builder.Build();
app.MapDefaultEndpoints();
app.MapChatApi();
app.Run();
