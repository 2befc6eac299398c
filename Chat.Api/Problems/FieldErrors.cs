using System.Collections;

namespace Chat.Api.Problems;

/// <summary>What is wrong with a request, by field, in the request's own names (<c>conteudo.texto</c>, <c>limit</c>).</summary>
internal sealed class FieldErrors : IEnumerable<KeyValuePair<string, string>>
{
    private readonly List<KeyValuePair<string, string>> _errors = [];

    public int Count => _errors.Count;

    public bool Any => _errors.Count > 0;

    public string Summary => string.Join(" ", _errors.Select(e => $"{e.Key}: {e.Value}"));

    public void Add(string field, string error) => _errors.Add(new(field, error));

    public Dictionary<string, string[]> ToDictionary() =>
        _errors.GroupBy(e => e.Key).ToDictionary(g => g.Key, g => g.Select(e => e.Value).ToArray());

    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _errors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
