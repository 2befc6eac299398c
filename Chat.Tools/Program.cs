return await Chat.Tools.ToolProgram.RunAsync(args);
