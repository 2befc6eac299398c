using Microsoft.AspNetCore.WebUtilities;

namespace Chat.Standalone.Phone;

public static class PhoneExtensions
{
    /// <summary>The demo page as a desk that writes to the phone: a short address for a long one.</summary>
    public const string Desk = "/desk";

    public static WebApplicationBuilder AddDemoPhone(this WebApplicationBuilder builder, DemoPhone phone)
    {
        builder.Services.AddSingleton(phone);
        builder.Services.AddHostedService<PhoneConnection>();
        return builder;
    }

    public static WebApplication MapDesk(this WebApplication app)
    {
        var page = QueryHelpers.AddQueryString("/demo.html", new Dictionary<string, string?>
        {
            ["organizacao"] = DemoAccounts.Organization,
            ["whatsapp"] = DemoAccounts.PersonNumber,
            ["instagram"] = DemoAccounts.PersonInstagramId,
        });
        app.MapGet(Desk, () => TypedResults.Redirect(page)).AllowAnonymous().ExcludeFromDescription();
        return app;
    }
}
