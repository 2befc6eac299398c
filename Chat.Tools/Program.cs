using Chat.CommandLine;
using Chat.Core.Text;

PrintableWriter.GuardConsole();
using var interrupts = new Interrupts();
return await Chat.Tools.ToolProgram.RunUntilAsync(args, output: null, error: null, interrupts.Token);
