using System.ComponentModel.DataAnnotations;
using System.Net;

namespace Chat.ServiceDefaults;

/// <summary>Addresses and networks as settings name them.</summary>
public static class Networks
{
    /// <summary>An address, or a network as <c>10.0.0.0/8</c>; null where the text is neither.</summary>
    public static IPNetwork? Parse(string text)
    {
        if (IPNetwork.TryParse(text, out var network)) return network;
        return IPAddress.TryParse(text, out var address) ? new(address, address.GetAddressBytes().Length * 8) : null;
    }

    /// <summary>What is wrong with a setting that lists them.</summary>
    public static IEnumerable<ValidationResult> Validate(string section, string member, IEnumerable<string> texts) => texts
        .Where(text => Parse(text) is null)
        .Select(text => new ValidationResult($"{section}:{member}: '{text}' is neither an address nor a network.", [member]));
}
