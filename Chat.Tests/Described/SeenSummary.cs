[assembly: AssemblyFixture(typeof(Chat.Tests.Described.SeenSummary))]

namespace Chat.Tests.Described;

/// <summary>At the end of a run, what of the documents its tests saw, in <c>described.txt</c> beside the tests; CI prints it.</summary>
public sealed class SeenSummary : IDisposable
{
    public void Dispose() => File.WriteAllLines(
        Path.Combine(AppContext.BaseDirectory, "described.txt"),
        [
            Seen.Summarize(OpenApiDescription.File, OpenApiDescription.Current.Answers),
            Seen.Summarize(AsyncApiDescription.File, AsyncApiDescription.Current.All),
        ]);
}
