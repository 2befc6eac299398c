using Chat.LoadTest.Status;

// One verb a scenario; each says in its report what it ran on, how it was called, and how far its figures spread.
return args switch
{
    ["status", .. var rest] => await StatusBenchmark.RunAsync(StatusBenchmarkOptions.Parse(rest)),
    ["sockets", var url, var key, var conversations] => await SocketClients.RunAsync(new(url), key, int.Parse(conversations)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        """
        status [--events N] [--rounds N] [--stored N] [--report FILE]
            Status events per second through log, status worker, store and bus to 100 sockets, beside a worker that does
            nothing, in turn; then the same again once that many messages are stored.
        """);
    return 2;
}
