using Chat.CommandLine;
using Chat.Core.Text;
using Chat.LoadTest;

PrintableWriter.GuardConsole();
using var interrupts = new Interrupts();
return await LoadTestProgram.RunUntilAsync(args, output: null, error: null, interrupts.Token);
