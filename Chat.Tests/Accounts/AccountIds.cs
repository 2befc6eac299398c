using System.Globalization;

namespace Chat.Tests.Accounts;

/// <summary>Ids of accounts that no other test has.</summary>
internal static class AccountIds
{
    private static long _last = 17_841_400_000_000_100;

    public static string Next() => Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);
}
