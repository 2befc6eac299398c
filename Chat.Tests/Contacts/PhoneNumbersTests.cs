using Chat.Core.Contacts;

namespace Chat.Tests.Contacts;

/// <summary>One person's number is one address, in whichever form it is written.</summary>
public sealed class PhoneNumbersTests
{
    [Theory]
    // Brazil: mobile numbers with and without the ninth digit; landlines never had one.
    [InlineData("5511988880002", "551188880002")]
    [InlineData("551188880002", "551188880002")]
    [InlineData("+55 (11) 98888-0002", "551188880002")]
    [InlineData("55 11 8888 0002", "551188880002")]
    [InlineData("551130000001", "551130000001")]
    // No mobile number begins so: what looks like a ninth digit is another country's or none.
    [InlineData("5511930000001", "5511930000001")]
    [InlineData("5521988887777", "552188887777")]
    // Mexico and Argentina.
    [InlineData("5215512345678", "525512345678")]
    [InlineData("525512345678", "525512345678")]
    [InlineData("+52 1 55 1234 5678", "525512345678")]
    [InlineData("5491112345678", "541112345678")]
    [InlineData("541112345678", "541112345678")]
    // Others are as they are, also where they begin alike.
    [InlineData("+1 (415) 555-2671", "14155552671")]
    [InlineData("49 30 1234567", "49301234567")]
    [InlineData("351912345678", "351912345678")]
    [InlineData("8613912345678", "8613912345678")]
    [InlineData("1234567", "1234567")]
    [InlineData("123456789012345", "123456789012345")]
    public void Number_when_it_is_one_has_one_form(string written, string canonical) =>
        Assert.Equal(canonical, PhoneNumbers.Canonical(written));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("123456")]
    [InlineData("1234567890123456")]
    [InlineData("BR.1349")]
    [InlineData("55+11988880002")]
    [InlineData("5511988880002a")]
    [InlineData("٥٥١١٩٨٨٨٨٠٠٠٢")]
    [InlineData("                                  1234567")]
    public void Text_when_it_is_no_number_has_none(string? written) => Assert.Null(PhoneNumbers.Canonical(written));

    [Theory]
    [InlineData("5511988880002")]
    [InlineData("5215512345678")]
    [InlineData("5491112345678")]
    public void Form_when_it_is_made_again_is_the_same(string written)
    {
        var canonical = PhoneNumbers.Canonical(written);

        Assert.Equal(canonical, PhoneNumbers.Canonical(canonical));
        Assert.Equal(written, PhoneNumbers.Digits(written));
    }
}
