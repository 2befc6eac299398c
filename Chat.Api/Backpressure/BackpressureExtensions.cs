using Chat.Api.Auth;
using Chat.Api.Http;
using Chat.Api.Problems;
using Chat.Api.Texts;

namespace Chat.Api.Backpressure;

internal static class BackpressureExtensions
{
    /// <summary>Refuses posts while the workers can't keep up. Needs the log's reader.</summary>
    public static void AddBackpressure(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<BackpressureOptions>()
            .BindConfiguration(BackpressureOptions.Section)
            .ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<PostAdmission>();
        builder.Services.AddHostedService<BacklogWatch>();
    }

    /// <summary>Asks before the endpoint does anything: 503 with <c>Retry-After</c> where the workers have too much to do.</summary>
    public static RouteHandlerBuilder RefuseWhenBehind(this RouteHandlerBuilder endpoint) => endpoint.AddEndpointFilter(
        async (invocation, next) =>
        {
            var context = invocation.HttpContext;
            var services = context.RequestServices;
            // Without an organization, the endpoint refuses the post anyway.
            if (context.User().OrganizationId is not { } organization
                || services.GetRequiredService<PostAdmission>().Take(organization) is not { } wait)
            {
                return await next(invocation);
            }
            services.GetRequiredService<ApiMetrics>().Refused(PostAdmission.Name);
            return Problem.Create(context, StatusCodes.Status503ServiceUnavailable, UserTexts.TooMuchToDo).WithRetryAfter(context, wait);
        });
}
