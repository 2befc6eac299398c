using Chat.AppHost.Containers;
using Chat.AppHost.Embedded;
using Chat.AppHost.Engines;

var builder = DistributedApplication.CreateBuilder(args);
var choice = await EngineChoice.OfAsync(builder);
if (choice.Engines == EngineSet.Containers) builder.AddContainersGraph();
else builder.AddEmbeddedGraph();

var app = builder.Build();
if (builder.ExecutionContext.IsRunMode) choice.Log(app.Services);
app.Run();
