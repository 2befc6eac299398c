using Chat.Core.Text;

PrintableWriter.GuardConsole();
return await Chat.LoadTest.LoadTestProgram.RunAsync(args);
