using Chat.Connectors.Outbound;
using Chat.Core.Statuses;
using FsCheck;
using FsCheck.Fluent;
using FsCheck.Xunit;
using static Chat.Tests.Connectors.Samples;

namespace Chat.Tests.Connectors;

/// <summary>Whatever is read, whenever it is handed over, however appends are cut into batches.</summary>
public sealed class OutboundFlowProperties
{
    private const int Capacity = 4;

    /// <summary>One step of a history; numbers are interpreted by <see cref="Run"/>.</summary>
    public readonly record struct Step(int Kind, int Number)
    {
        public override string ToString() => $"{Kind}:{Number}";
    }

    [Property(MaxTest = 500)]
    public Property The_commit_never_passes_a_message_that_is_not_done_and_reaches_the_end() =>
        Prop.ForAll(Histories(), steps =>
        {
            var run = new Run();
            foreach (var step in steps) run.Take(step);
            run.Finish();
        });

    private static Arbitrary<Step[]> Histories() =>
        (from kind in Gen.Choose(0, 4)
         from number in Gen.Choose(0, 5)
         select new Step(kind, number)).ArrayOf().ToArbitrary();

    private sealed class Run
    {
        private readonly OutboundFlow _flow = new(Capacity);
        private readonly List<Model> _messages = [];
        private readonly Queue<IReadOnlyList<DueStatus>> _appending = new();
        private TimeSpan _now = TimeSpan.FromHours(5);
        private long _offset = -1;
        private long _committed = -1;

        public void Take(Step step)
        {
            switch (step.Kind)
            {
                case 0 when _flow.Room > 0:
                    // Offsets may have holes.
                    _offset += 1 + step.Number;
                    _messages.Add(new(_flow.Take(_offset)));
                    break;
                case 1:
                    HandOver(step.Number);
                    break;
                case 2:
                    _now += TimeSpan.FromSeconds(step.Number);
                    break;
                case 3:
                    TakeDue(1 + step.Number);
                    break;
                case 4 when _appending.TryDequeue(out var appended):
                    MarkAppended(appended);
                    break;
            }
            Check();
        }

        /// <summary>Lets everything that was read come to its end.</summary>
        public void Finish()
        {
            while (_messages.Any(m => m.Planned is null)) HandOver(2);
            while (_flow.NextDue is { } due)
            {
                _now = due > _now ? due : _now;
                TakeDue(3);
            }
            while (_appending.TryDequeue(out var appended)) MarkAppended(appended);
            Check();
            Assert.Equal(0, _flow.Count);
            Assert.Equal(Capacity, _flow.Room);
            Assert.Equal(_messages.Count == 0 ? -1 : _offset + 1, _committed);
            foreach (var message in _messages) Assert.Equal(message.Planned!, message.Taken);
        }

        private void HandOver(int statuses)
        {
            // Not the oldest first: providers answer in any order.
            if (_messages.LastOrDefault(m => m.Planned is null) is not { } message) return;
            message.HandedOverAt = _now;
            message.Planned = Enumerable.Range(0, statuses)
                .Select(i => new PlannedStatus((StatusKind)(1 + (i % 4)), TimeSpan.FromSeconds(i / 2)))
                .ToList();
            if (statuses == 0) _flow.Drop(message.InFlight);
            else _flow.Plan(message.InFlight, Message(), null, Start + _now, _now, message.Planned);
        }

        private void TakeDue(int max)
        {
            var due = _flow.TakeDue(_now, max);
            Assert.True(due.Count <= max);
            Assert.True(due.Count == max || !(_flow.NextDue <= _now));
            foreach (var status in due)
            {
                var message = _messages.Single(m => m.InFlight == status.InFlight);
                message.Taken.Add(status.Status);
                Assert.Equal(Start + message.HandedOverAt + status.Status.After, status.At);
                Assert.True(status.At <= Start + _now);
            }
            if (due.Count > 0) _appending.Enqueue(due);
        }

        private void MarkAppended(IReadOnlyList<DueStatus> appended)
        {
            foreach (var status in appended) _messages.Single(m => m.InFlight == status.InFlight).AppendedCount++;
            _flow.MarkAppended(appended);
        }

        private void Check()
        {
            if (_flow.TakeCommit() is { } next)
            {
                Assert.True(next > _committed);
                _committed = next;
            }
            // Exactly the done ones at the front, no fewer: what could be committed is.
            var done = _messages.TakeWhile(m => m.Planned?.Count == m.AppendedCount).LastOrDefault();
            Assert.Equal(done is null ? -1 : done.InFlight.Offset + 1, _committed);
            Assert.Equal(Capacity - _messages.Count(m => m.InFlight.Offset >= _committed), _flow.Room);
            // A full flow never waits for nothing: something is due some time, or on its way.
            Assert.True(
                _flow.Room > 0 || _flow.NextDue is not null || _appending.Count > 0 || _messages.Any(m => m.Planned is null));
        }

        private sealed class Model(InFlight inFlight)
        {
            public InFlight InFlight { get; } = inFlight;

            public TimeSpan HandedOverAt { get; set; }

            public List<PlannedStatus>? Planned { get; set; }

            public List<PlannedStatus> Taken { get; } = [];

            public int AppendedCount { get; set; }
        }
    }
}
