using Chat.Core.Text;
using Chat.MetaSimulator.Hosting;

PrintableWriter.GuardConsole();
var builder = WebApplication.CreateBuilder(args);
// Beside Chat's own port, and on loopback alone.
if (string.IsNullOrEmpty(builder.Configuration[WebHostDefaults.ServerUrlsKey])) builder.WebHost.UseUrls("http://localhost:5080");
// A line a request is more than anyone reads, and tokens are in some of the addresses.
builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("System.Net.Http.HttpClient", LogLevel.Warning);
builder.AddMetaSimulator();
await using var app = builder.Build();
app.MapMetaSimulator();
await app.RunAsync();
