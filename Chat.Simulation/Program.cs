using Chat.Core.Text;

PrintableWriter.GuardConsole();
return await Chat.Simulation.SimulationProgram.RunAsync(args);
