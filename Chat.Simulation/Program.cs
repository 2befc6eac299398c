return await Chat.Simulation.SimulationProgram.RunAsync(args);
