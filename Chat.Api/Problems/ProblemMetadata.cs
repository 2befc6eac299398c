namespace Chat.Api.Problems;

internal static class ProblemMetadata
{
    /// <summary>Says in the OpenAPI document which problems an endpoint may answer with.</summary>
    public static RouteHandlerBuilder WithProblems(this RouteHandlerBuilder endpoint, params int[] statuses)
    {
        foreach (var status in statuses)
        {
            if (status is 400 or 403 or 422) endpoint.ProducesValidationProblem(status, Problem.ContentType);
            else endpoint.ProducesProblem(status, Problem.ContentType);
        }
        return endpoint;
    }
}
