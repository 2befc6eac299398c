using System.Text.Json;
using System.Text.RegularExpressions;

namespace Chat.Tests.Browser;

/// <summary>The JavaScript client as a package of npm's: what it is made of, and how it does in Node.</summary>
public sealed class NodeClientTests : IAsyncLifetime
{
    private const string TypeScript = "typescript@5.9.3";

    private FakeServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await FakeServer.StartAsync();

    public async ValueTask DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task The_package_holds_the_client_and_nothing_else()
    {
        var (exitCode, output) = await Node.NpmAsync(
            Node.Package, "pack", "--dry-run", "--json", "--offline", "--loglevel=silent");

        Assert.True(exitCode == 0, output);
        using var packed = JsonDocument.Parse(output);
        // A list in npm 10 and 11, an object by name in others.
        var package = packed.RootElement.ValueKind == JsonValueKind.Array
            ? packed.RootElement[0]
            : packed.RootElement.EnumerateObject().First().Value;
        Assert.Equal(
            [
                "LICENSE", "README.md", "chat-status-client.d.mts", "chat-status-client.d.ts", "chat-status-client.js",
                "chat-status-client.mjs", "package.json",
            ],
            package.GetProperty("files").EnumerateArray()
                .Select(f => f.GetProperty("path").GetString()!)
                .Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("require('chat-status-client')")]
    [InlineData("require('chat-status-client').ChatStatusClient")]
    [InlineData("require('chat-status-client').default")]
    [InlineData("(await import('chat-status-client')).ChatStatusClient")]
    [InlineData("(await import('chat-status-client')).default")]
    public async Task It_is_required_and_imported_by_its_name(string expression)
    {
        using var consumer = new Consumer();
        consumer.Write("use.cjs", $"(async () => console.log(new ({expression})('http://localhost', 'token').state))()");
        var (exitCode, output) = await Node.RunAsync(consumer.Path("use.cjs"));

        Assert.Equal((0, "closed"), (exitCode, output));
    }

    /// <summary>It fires <c>error</c> alone there, and no <c>close</c>.</summary>
    [Fact]
    public async Task A_refused_token_ends_the_trying_in_Node_too()
    {
        _server.Refuse = static _ => 401;

        Assert.Equal("closed 401 unauthorized", await ConnectAsync("client.on('closed', e => end('closed', e.code, e.reason));"));
    }

    [Fact]
    public async Task It_connects_and_shows_what_comes_in_Node_too()
    {
        _server.Answer = static async (socket, frame) =>
        {
            await socket.AnswerAsync(frame);
            var conversation = (string)frame["conversationId"]!;
            await socket.SendStatusAsync(conversation, "01900000-0000-7000-8000-000000000001", "READ", 101);
        };

        Assert.Equal(
            "READ 101",
            await ConnectAsync(
                "client.on('message.status', e => end(e.status, e.seq)); client.subscribe('123e4567e89b12d3a456426614174000');"));
    }

    [Theory]
    [InlineData("", "protocol")]
    [InlineData("{ tokenIn: 'query' }", "query")]
    public async Task A_sockets_token_is_offered_as_a_subprotocol_unless_the_query_is_asked_for(string options, string by)
    {
        Assert.Equal("connected", await ConnectAsync("client.on('connected', () => end('connected'));", options));

        Assert.Equal(("a-token", by), (Assert.Single(_server.Upgrades), Assert.Single(_server.UpgradesBy)));
    }

    [Fact]
    public async Task Where_Node_has_no_WebSocket_it_is_told_what_to_install()
    {
        var (exitCode, output) = await Node.RunAsync(
            "--eval",
            "delete globalThis.WebSocket; const C = require('./chat-status-client.js');"
            + "try { new C('http://localhost:1', 'token').connect(); } catch (e) { console.log(e.message); }");

        Assert.Equal(0, exitCode);
        Assert.Contains("There is no WebSocket here", output, StringComparison.Ordinal);
        Assert.Contains("npm install ws", output, StringComparison.Ordinal);
    }

    /// <summary>What is compiled against the types does in Node what they say.</summary>
    [Fact]
    public async Task The_types_agree_with_what_runs()
    {
        using var consumer = new Consumer();
        var (installed, why) = await Node.NpmAsync(
            consumer.Folder,
            "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", TypeScript);
        Assert.SkipWhen(installed != 0, $"npm can't install {TypeScript}: {why}");
        // npm removes what it did not put there.
        consumer.Link();
        consumer.Write(
            "use.mts",
            """
            import Default, { ChatStatusClient, type MessageStatus, type ErrorFrame } from 'chat-status-client';
            const same: typeof ChatStatusClient = Default;
            const options = { pingInterval: 1, refusedTokenTimeout: 2, tokenTimeout: 3, random: () => 0 };
            const client = new ChatStatusClient('http://localhost:5000', async () => 'token', options);
            client
              .on('message.status', (frame) => { const status: MessageStatus = frame.status; void status; })
              .on('error', (error: ErrorFrame) => { const code: string | undefined = error.code; void code; })
              .subscribe('a', { since: 1 })
              .unsubscribe('a');
            // @ts-expect-error no such event
            client.on('message.lost', () => {});
            // @ts-expect-error a token is needed
            const without = () => new ChatStatusClient('http://localhost:5000');
            void without;
            const state: 'connecting' | 'open' | 'reconnecting' | 'closed' = client.disconnect().state;
            const asTyped = client.subscriptions instanceof Set && state === 'closed' && same === ChatStatusClient;
            if (!asTyped) throw new Error('other than typed');
            """);
        consumer.Write(
            "use.cts",
            """
            import Whole = require('chat-status-client');
            import { ChatStatusClient, type ClosedEvent } from 'chat-status-client';
            const { default: Default } = Whole;
            const client: Whole = new ChatStatusClient('http://localhost:5000', 'token');
            client.off('closed', (event: ClosedEvent) => { const code: number = event.code; void code; });
            if (!(client instanceof Whole) || Default !== Whole) throw new Error('other than typed');
            """);
        consumer.Write(
            "script.ts",
            """
            /// <reference types="chat-status-client" />
            new ChatStatusClient('http://localhost:5000', 'token').connect().disconnect();
            """);

        var compiler = Path.Combine(consumer.Folder, "node_modules", "typescript", "bin", "tsc");
        var (exitCode, output) = await Node.RunAsync(
            compiler, "--module", "nodenext", "--target", "es2022", "--strict", "--outDir", consumer.Folder,
            consumer.Path("use.mts"), consumer.Path("use.cts"), consumer.Path("script.ts"));
        Assert.True(exitCode == 0, output);
        foreach (var compiled in new[] { "use.mjs", "use.cjs" })
        {
            (exitCode, output) = await Node.RunAsync(consumer.Path(compiled));
            Assert.True(exitCode == 0, output);
        }
    }

    /// <summary>Also where no TypeScript is to be had: what is declared is there, and what is there is declared.</summary>
    [Fact]
    public async Task The_members_that_are_declared_are_those_that_there_are()
    {
        var (_, output) = await Node.RunAsync(
            "--print",
            "const C = require('./chat-status-client.js');"
            + "[...Object.getOwnPropertyNames(C.prototype), ...Object.keys(new C('http://localhost', 'token'))]"
            + ".filter(n => !n.startsWith('_')).sort().join()");
        var types = await File.ReadAllTextAsync(
            Path.Combine(Node.Package, "chat-status-client.d.ts"), TestContext.Current.CancellationToken);
        var body = types.Split("declare class")[1].Split("declare namespace")[0];
        var declared = Regex.Matches(body, @"^  (?:readonly )?(\w+)[(:<]", RegexOptions.Multiline)
            .Select(m => m.Groups[1].Value).Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(declared, output.Split(','));
    }

    [Fact]
    public async Task The_licence_is_the_repositorys()
    {
        var cancellationToken = TestContext.Current.CancellationToken;
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Chat.sln"))) root = root.Parent;
        Assert.SkipWhen(root is null, "The tests run outside the repository.");

        Assert.Equal(
            await File.ReadAllTextAsync(Path.Combine(root.FullName, "LICENSE"), cancellationToken),
            await File.ReadAllTextAsync(Path.Combine(Node.Package, "LICENSE"), cancellationToken));
    }

    /// <summary>
    /// Runs a client in Node against the fake server until the script calls <c>end</c>; answers with what it said.
    /// </summary>
    private async Task<string> ConnectAsync(string script, string options = "")
    {
        var version = await Node.MajorVersionAsync();
        Assert.SkipWhen(version < 20, $"Node {version} has no WebSocket to try it with.");
        string[] flags = version < 22 ? ["--experimental-websocket", "--no-warnings"] : [];
        var url = JsonSerializer.Serialize(_server.Url);
        var (_, output) = await Node.RunAsync(
        [
            .. flags,
            "--eval",
            $"const C = require('./chat-status-client.js'); const client = new C({url}, 'a-token'{(options == "" ? "" : ", " + options)});"
            + "const end = (...words) => { console.log(...words); process.exit(); };"
            + $"setTimeout(() => end('nothing came'), 20000); {script} client.connect();",
        ]);
        return output;
    }

    /// <summary>A project that has the package installed.</summary>
    private sealed class Consumer : IDisposable
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("chat-client-");

        public Consumer() => Link();

        public string Folder => _folder.FullName;

        private string LinkPath => Path("node_modules/chat-status-client");

        public string Path(string name) => System.IO.Path.Combine(Folder, name);

        public void Link()
        {
            Directory.CreateDirectory(Path("node_modules"));
            if (!Directory.Exists(LinkPath)) Directory.CreateSymbolicLink(LinkPath, Node.Package);
        }

        public void Write(string name, string text) => File.WriteAllText(Path(name), text);

        public void Dispose()
        {
            if (Directory.Exists(LinkPath)) Directory.Delete(LinkPath); // the link, not what it leads to
            _folder.Delete(recursive: true);
        }
    }
}
