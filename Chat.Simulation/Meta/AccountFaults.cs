using System.Text.Json.Nodes;
using Chat.MetaSimulator.Errors;
using Chat.Simulation.Scheduling;

namespace Chat.Simulation.Meta;

/// <summary>What goes wrong at Meta, and what people do with their phones.</summary>
internal sealed class AccountFaults(World world, SimMeta meta)
{
    /// <summary>The reason of statuses that must never count.</summary>
    public const string ForgedReason = "a status of another account";

    // To the recipient's next message: wait, wait long, refused.
    private static readonly int[] WhatsAppErrors = [1, 4, 80007, 130429, 131000, 131056, 133004, 131030, 135000];
    private static readonly int[] WhatsAppFailures = [131026, 131049, 131053];
    private static readonly int[] InstagramErrors = [1, 4, 17, 613, 1200, 551, 200];

    private readonly SimRandom _random = world.Random.Fork();
    private bool _over;

    private SimScheduler Scheduler => world.Scheduler;

    public void Start()
    {
        var plan = world.Plan.Meta;
        Repeat(plan.Errors, PlanError);
        Repeat(plan.DeadTokens, KillToken);
        Repeat(plan.Phones, TouchPhone);
        Repeat(plan.Forgeries, Forge);
        Scheduler.After(world.Plan.Faults, Scheduler.World, Stop);
    }

    private void Stop()
    {
        _over = true;
        meta.Clear();
        // One phone may stay off: what was sent to it stays SENT.
        foreach (var person in meta.People.Skip(_random.Chance(0.3) ? 1 : 0)) meta.Do((machine, now) => machine.SwitchOn(person, now));
    }

    private void Repeat(double perMinute, Action fault)
    {
        if (perMinute <= 0) return;
        var pause = TimeSpan.FromMinutes(-Math.Log(1 - _random.NextDouble()) / perMinute);
        Scheduler.After(pause, Scheduler.World, () =>
        {
            if (_over) return;
            fault();
            Repeat(perMinute, fault);
        });
    }

    private void PlanError()
    {
        var account = _random.Pick(meta.Accounts);
        var byWebhook = !account.IsInstagram && _random.Chance(0.3);
        var code = _random.Pick(account.IsInstagram ? InstagramErrors : byWebhook ? WhatsAppFailures : WhatsAppErrors);
        world.TraceWriter.Write("meta", $"the next message of {account.Key.AccountId} gets {code}{(byWebhook ? " by webhook" : "")}");
        meta.Machine.PlannedErrors.Add(
            new(account.Key.Channel, account.Key.AccountId, null, KnownErrors.Of(code), byWebhook), times: _random.Between(1, 2));
    }

    private void KillToken()
    {
        var account = _random.Pick(meta.Accounts);
        world.TraceWriter.Write("meta", $"the token of {account.Key.AccountId} is dead");
        SimMeta.SetToken(account, isAlive: false);
        Scheduler.After(_random.Milliseconds(500, 20_000), Scheduler.World, () => SimMeta.SetToken(account, isAlive: true));
    }

    private void TouchPhone()
    {
        var person = _random.Pick(meta.People);
        var thread = person.With(_random.Pick(meta.Accounts).AtMeta);
        meta.Do((machine, now) =>
        {
            switch (_random.Next(7))
            {
                case 0:
                    machine.SwitchOff(person);
                    break;
                case 1 or 2:
                    machine.SwitchOn(person, now);
                    break;
                case 3 or 4:
                    machine.Open(person, thread, now);
                    break;
                case 5:
                    machine.Close(person);
                    break;
                default:
                    machine.Block(thread, !thread.IsBlocked && _random.Chance(0.5));
                    break;
            }
        });
    }

    /// <summary>A number gets a status of another one's message, with the message's id in it or without.</summary>
    private void Forge()
    {
        var numbers = meta.Accounts.Where(a => !a.IsInstagram).ToList();
        if (numbers.Count < 2) return;
        var forger = _random.Pick(numbers);
        var sent = (
            from person in meta.People
            from thread in person.Threads
            where thread.Account != forger.AtMeta && thread.Account.Channel == forger.Key.Channel
            from message in thread.Messages
            where !message.IsFromPerson && message.OpaqueData is not null
            select message).ToList();
        if (sent.Count == 0) return;
        var target = _random.Pick(sent);
        var status = new JsonObject
        {
            ["id"] = target.Id,
            ["status"] = "failed",
            ["timestamp"] = $"{meta.Now.ToUnixTimeSeconds()}",
            ["errors"] = new JsonArray(new JsonObject { ["code"] = 1, ["title"] = ForgedReason }),
        };
        if (_random.Chance(0.7)) status["biz_opaque_callback_data"] = target.OpaqueData;
        world.TraceWriter.Write("meta", $"{forger.Key.AccountId} gets a status of another account's {target.OpaqueData}");
        meta.Do((machine, now) => machine.AddRaw(forger.AtMeta, "messages", "statuses", status, null, now));
    }
}
