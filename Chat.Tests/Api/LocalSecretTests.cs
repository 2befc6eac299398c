using Chat.ServiceDefaults;

namespace Chat.Tests.Api;

public sealed class LocalSecretTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void A_secret_is_made_once_and_then_read()
    {
        var made = LocalSecret.ReadOrMake(_folder, "a.key");

        Assert.Equal(made, LocalSecret.ReadOrMake(_folder, "a.key"));
        Assert.NotEqual(made, LocalSecret.ReadOrMake(_folder, "b.key"));
        Assert.True(made.Length >= 43, "256 bits in base64url");
        Assert.Equal(["a.key", "b.key"], Directory.GetFiles(_folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Only_its_user_can_read_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has other rights.");
        LocalSecret.ReadOrMake(_folder, "a.key");

#pragma warning disable CA1416 // Skipped on Windows above.
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(_folder, "a.key")));
#pragma warning restore CA1416
    }

    [Fact]
    public void Those_that_start_at_once_agree()
    {
        var made = new string[16];

        Parallel.For(0, made.Length, new ParallelOptions { MaxDegreeOfParallelism = made.Length }, i =>
            made[i] = LocalSecret.ReadOrMake(_folder, "a.key"));

        Assert.Single(made.Distinct());
    }
}
