using System.Collections;
using Chat.Api.Texts;

namespace Chat.Api.Problems;

/// <summary>What is wrong with a request, by field, in the request's own names (<c>conteudo.texto</c>, <c>limit</c>).</summary>
internal sealed class FieldErrors : IEnumerable<KeyValuePair<string, UserText>>
{
    private readonly List<KeyValuePair<string, UserText>> _errors = [];

    public int Count => _errors.Count;

    public bool Any => _errors.Count > 0;

    /// <summary>Whether something is wrong with a field.</summary>
    public bool Names(string field) => _errors.Any(e => e.Key == field);

    public void Add(string field, UserText error) => _errors.Add(new(field, error));

    public string Summary(Language language) => string.Join(" ", _errors.Select(e => $"{e.Key}: {e.Value.In(language)}"));

    public Dictionary<string, string[]> ToDictionary(Language language) =>
        _errors.GroupBy(e => e.Key).ToDictionary(g => g.Key, g => g.Select(e => e.Value.In(language)).ToArray());

    public IEnumerator<KeyValuePair<string, UserText>> GetEnumerator() => _errors.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
