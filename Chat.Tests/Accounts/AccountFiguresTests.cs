using System.Net;
using System.Text.Json;
using Chat.Core.Accounts;
using Chat.Core.Providers;
using Chat.Tests.Api;
using Chat.Tests.Api.Operations;
using Chat.Tests.Graph;
using Microsoft.Extensions.DependencyInjection;

namespace Chat.Tests.Accounts;

/// <summary>What an operator sees of accounts.</summary>
public sealed class AccountFiguresTests
{
    private static readonly Guid Desk = Guid.Parse("11111111-1111-4111-8111-111111111111");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Those_that_need_somebody_come_first_with_why_and_what_they_hold_and_no_secret()
    {
        await using var api = await ApiHost.StartAsync(
            new() { ["Accounts:EncryptionKeys:0"] = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=" });
        var accounts = api.App.Services.GetRequiredService<AccountDirectory>();
        var end = new DateTimeOffset(2027, 1, 30, 12, 0, 0, TimeSpan.Zero);
        foreach (var id in (string[])["1", "2", "3"])
        {
            var account = new Account(
                new("instagram", id), Desk, null, "Loja", Account.DefaultApp, default, AccountState.Active, null, null, default, default);
            await accounts.ConnectAsync(account, new("a-token-of-a-desk", id == "2" ? end : null), Cancellation);
        }
        await accounts.SetAttentionAsync(new("instagram", "3"), AccountAttention.TokenRefused("code 190"), Cancellation);
        var held = Enumerable.Range(0, 3).Select(i => new HeldMessage(
            new("instagram", "3"), Guid.CreateVersion7(), Guid.NewGuid(), Guid.NewGuid(), "", "{}"u8.ToArray(), DateTimeOffset.MaxValue));
        await api.App.Services.GetRequiredService<IHeldMessages>().HoldAsync([.. held], Cancellation);

        var answer = (await api.GetAsync("/v1/operations", Operator.Token)).Is(HttpStatusCode.OK);

        var view = answer.Json.GetProperty("engines").GetProperty("accounts");
        Assert.Equal((2, 1), (view.GetProperty("active").GetInt32(), view.GetProperty("needsAttention").GetInt32()));
        Assert.Equal(
            ["3 needs_attention 3  ", "2 active 0 2027-01-30T12:00:00.000Z ", "1 active 0  "],
            view.GetProperty("items").EnumerateArray().Select(a =>
                $"{a.Text("accountId")} {a.Text("state")} {a.GetProperty("held")} {a.Text("tokenExpiresAt")} "));
        Assert.Contains("code 190", view.GetProperty("items")[0].Text("attention"), StringComparison.Ordinal);
        Assert.DoesNotContain("a-token", answer.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_accounts_there_is_nothing_to_see()
    {
        await using var api = await ApiHost.StartAsync();

        var view = (await api.GetAsync("/v1/operations", Operator.Token)).Is(HttpStatusCode.OK).Json.GetProperty("engines");

        Assert.Equal(JsonValueKind.Array, view.GetProperty("accounts").GetProperty("items").ValueKind);
        Assert.Empty(view.GetProperty("accounts").GetProperty("items").EnumerateArray());
    }
}
