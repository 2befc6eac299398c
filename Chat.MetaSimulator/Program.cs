using Chat.Core.Text;
using Chat.MetaSimulator.Hosting;

PrintableWriter.GuardConsole();
var builder = WebApplication.CreateBuilder(args);
builder.AddMetaSimulator();
await using var app = builder.Build();
app.MapMetaSimulator();
await app.RunAsync();
