using System.Globalization;
using Chat.Api.Texts;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;

namespace Chat.Api.Http;

/// <summary>
/// Says in the OpenAPI document what a parameter is that the endpoint takes as text, to be able to say what is wrong with it.
/// </summary>
internal static class OpenApiParameters
{
    public static RouteHandlerBuilder WithIdParameters(this RouteHandlerBuilder endpoint, params string[] names) =>
        endpoint.WithSchemas(names, static () => new OpenApiSchema { Type = JsonSchemaType.String, Format = "uuid" });

    public static RouteHandlerBuilder WithIntegerParameter(
        this RouteHandlerBuilder endpoint, string name, int most, int missing) =>
        endpoint.WithSchemas([name], () => new OpenApiSchema
        {
            Type = JsonSchemaType.Integer,
            Minimum = "1",
            Maximum = most.ToString(CultureInfo.InvariantCulture),
            Default = missing,
        });

    /// <summary>The body may be an array too, of such as the endpoint says that it accepts.</summary>
    public static RouteHandlerBuilder WithOneOrMany(this RouteHandlerBuilder endpoint, int most) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            foreach (var media in operation.RequestBody?.Content?.Values ?? [])
            {
                if (media.Schema is not { } one) continue;
                var many = new OpenApiSchema { Type = JsonSchemaType.Array, MinItems = 1, MaxItems = most, Items = one };
                media.Schema = new OpenApiSchema { OneOf = [one, many] };
            }
            return Task.CompletedTask;
        });

    public static void AddHeader(this OpenApiOperation operation, string name, string description, int maxLength) =>
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Header,
            Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = maxLength },
        });

    /// <summary>Which language the texts of a problem are in.</summary>
    public static void AddLanguage(this OpenApiOperation operation)
    {
        var parameters = operation.Parameters ??= [];
        parameters.Add(new OpenApiParameter
        {
            Name = HeaderNames.AcceptLanguage,
            In = ParameterLocation.Header,
            Description = "Of the texts of a problem: English, or Portuguese.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            Example = "pt-BR",
        });
        parameters.Add(new OpenApiParameter
        {
            Name = RequestLanguage.QueryName,
            In = ParameterLocation.Query,
            Description = "The same, before the header.",
            Schema = new OpenApiSchema { Type = JsonSchemaType.String },
            Example = "pt",
        });
    }

    private static RouteHandlerBuilder WithSchemas(
        this RouteHandlerBuilder endpoint, string[] names, Func<OpenApiSchema> schema) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            foreach (var parameter in (operation.Parameters ?? []).OfType<OpenApiParameter>())
            {
                if (names.Contains(parameter.Name)) parameter.Schema = schema();
            }
            return Task.CompletedTask;
        });
}
