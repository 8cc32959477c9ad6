using Kadath;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Kadath in a host.</summary>
public static class KadathServices
{
    /// <summary>Adds a DHT node that starts and stops with the host. Take <see cref="KadathHost"/> where it is needed.</summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets the options; null takes the defaults.</param>
    public static IServiceCollection AddKadath(this IServiceCollection services, Action<KadathOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.AddOptions<KadathOptions>().Configure(options => configure?.Invoke(options));
        services.TryAddSingleton<KadathHost>();
        services.AddHostedService(provider => provider.GetRequiredService<KadathHost>());
        return services;
    }
}
