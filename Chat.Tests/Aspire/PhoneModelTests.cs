using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;

namespace Chat.Tests.Aspire;

public sealed class PhoneModelTests(PhoneModel apphost) : IClassFixture<PhoneModel>
{
    [Fact]
    public void The_phone_is_a_resource_of_its_own_that_is_asked_for_its_health()
    {
        Assert.Equal(["chat", "phone"], apphost.Model.Resources.OfType<ProjectResource>().Select(r => r.Name).Order());
        Assert.Empty(apphost.Model.GetContainerResources());
        Assert.NotEmpty(apphost.Resource("phone").Annotations.OfType<HealthCheckAnnotation>());
    }

    [Fact]
    public async Task The_chat_waits_for_the_phone_and_is_told_where_it_is()
    {
        var wait = Assert.Single(apphost.Resource("chat").Annotations.OfType<WaitAnnotation>());
        Assert.Equal("phone", wait.Resource.Name);
        Assert.Contains("Phone__Url", (await apphost.EnvironmentAsync("chat")).Keys);
    }
}
