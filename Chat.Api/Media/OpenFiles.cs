using Microsoft.Extensions.Options;

namespace Chat.Api.Media;

/// <summary>
/// The files that are passed on at this moment. Each holds a connection to the provider for as long as its reader takes, which a
/// limit of the rate does not bound.
/// </summary>
internal sealed class OpenFiles(IOptions<MediaOptions> options)
{
    /// <summary>The limit's name in the metric.</summary>
    public const string Name = "media";

    private readonly MediaOptions _options = options.Value;
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _ofUsers = [];
    private readonly Dictionary<Guid, int> _ofOrganizations = [];
    private int _all;

    /// <summary>A place for one more, to be disposed of once it was passed on; null where there is none.</summary>
    public IDisposable? TryOpen(Guid user, Guid organization)
    {
        lock (_gate)
        {
            if (_all >= _options.MaxOpen
                || _ofUsers.GetValueOrDefault(user) >= _options.MaxOpenPerUser
                || _ofOrganizations.GetValueOrDefault(organization) >= _options.MaxOpen / 2)
            {
                return null;
            }
            Count(user, organization, 1);
            return new Place(this, user, organization);
        }
    }

    private void Count(Guid user, Guid organization, int more)
    {
        _all += more;
        Count(_ofUsers, user, more);
        Count(_ofOrganizations, organization, more);
    }

    private static void Count(Dictionary<Guid, int> counts, Guid id, int more)
    {
        var now = counts.GetValueOrDefault(id) + more;
        if (now > 0) counts[id] = now;
        else counts.Remove(id);
    }

    private sealed class Place(OpenFiles files, Guid user, Guid organization) : IDisposable
    {
        public void Dispose()
        {
            lock (files._gate) files.Count(user, organization, -1);
        }
    }
}
