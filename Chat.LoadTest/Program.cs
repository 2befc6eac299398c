return await Chat.LoadTest.LoadTestProgram.RunAsync(args);
