using Chat.Core.Text;

PrintableWriter.GuardConsole();
return await Chat.Tools.ToolProgram.RunAsync(args);
