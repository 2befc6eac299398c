using System.Globalization;
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

    public static void AddHeader(this OpenApiOperation operation, string name, string description, int maxLength) =>
        (operation.Parameters ??= []).Add(new OpenApiParameter
        {
            Name = name,
            In = ParameterLocation.Header,
            Description = description,
            Schema = new OpenApiSchema { Type = JsonSchemaType.String, MinLength = 1, MaxLength = maxLength },
        });

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
