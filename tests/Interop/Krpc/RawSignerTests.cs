using Xunit;

namespace Kadath.Tests.Interop.Krpc;

public sealed class RawSignerTests
{
    [Fact]
    public void The_signer_of_the_tests_agrees_with_rfc_8032_on_its_second_vector()
    {
        RawSigner signer = new(Convert.FromHexString("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
        Assert.Equal("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", signer.PublicKeyHex);
    }
}
