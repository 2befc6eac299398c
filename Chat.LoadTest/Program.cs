using Chat.LoadTest.Away;
using Chat.LoadTest.Distributed;
using Chat.LoadTest.Faults;
using Chat.LoadTest.Outages;
using Chat.LoadTest.Status;

// One verb a scenario; each says in its report what it ran on, how it was called, and how far its figures spread.
return args switch
{
    ["status", .. var rest] => await StatusBenchmark.RunAsync(StatusBenchmarkOptions.Parse(rest)),
    ["sockets", var url, var key, var conversations] => await SocketClients.RunAsync(new(url), key, int.Parse(conversations)),
    ["away", .. var rest] => await AwayRun.RunAsync(AwayOptions.Parse(rest)),
    ["faults", .. var rest] => await FaultsRun.RunAsync(FaultsOptions.Parse(rest)),
    ["outages", .. var rest] => await OutageRun.RunAsync(OutageOptions.Parse(rest)),
    ["worker", .. var rest] => await WorkerBenchmark.RunAsync(WorkerBenchmarkOptions.Parse(rest)),
    ["idle-consumer", var kafka, var topic] => await IdleConsumer.RunAsync(kafka, topic),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine(
        """
        status [--events N] [--rounds N] [--stored N] [--report FILE]
            Status events per second through log, status worker, store and bus to 100 sockets, beside a worker that does
            nothing, in turn; then the same again once that many messages are stored.
        away [--conversations N] [--changes N] [--rounds N] [--slow BYTES_PER_SECOND] [--report FILE]
            A client that comes back after many changes in many conversations: time, bytes and reads on the store by resuming,
            over a slow link, and by loading all pages over REST, in turn.
        faults SERVERS [--rate N] [--conversations N] [--sockets N] [--steady S] [--down S] [--catch-up S] [--report FILE] [--logs FOLDER]
            The built services as processes on servers that the commands become, messages posted at a rate, and one process after
            the other killed and started again: counts facts acknowledged, stored and shown. Linux; a build with Aspire.
        outages --redis-run CMD [--redis HOST:PORT] [--sockets N] [--rate N] [--every S] [--down S] [--for S] [--report FILE]
            Sockets under load on the embedded log and store while Redis is killed and started again, over and over: counts what any
            socket misses, and how long each repair took.
        worker SERVERS [--events N] [--rounds N] [--report FILE] [--logs FOLDER]
            Status events per second that one Chat.StatusWorker takes from Kafka to Cassandra and Redis, beside a consumer that
            does nothing, in turn, and the CPU of each process for an event. Linux; a build with Aspire.
        SERVERS: --kafka-run CMD --cassandra-run CMD --redis-run CMD [--kafka HOST:PORT] [--cassandra HOST:PORT]
            [--redis HOST:PORT] [--versions TEXT]; each command becomes the server, with a data folder of its own.
        """);
    return 2;
}
