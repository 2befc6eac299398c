using Chat.Connectors;
using Chat.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddConnectors();
var app = builder.Build();
app.MapDefaultEndpoints();
app.Run();
