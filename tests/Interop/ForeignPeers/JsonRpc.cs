using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Kadath.Tests.Interop.Peers;

/// <summary>JSON over HTTP to a client's control port on loopback.</summary>
internal sealed class JsonRpc(Uri address) : IDisposable
{
    private const string SessionHeader = "X-Transmission-Session-Id";

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(10) };
    private string? _session;

    /// <summary>Posts one request; answers Transmission's demand for a session id by itself.</summary>
    public async Task<JsonElement> PostAsync(JsonObject request)
    {
        for (int attempt = 0; ; attempt++)
        {
            using HttpRequestMessage message = new(HttpMethod.Post, address) { Content = new StringContent(request.ToJsonString(), Encoding.UTF8, "application/json") };
            if (_session is not null)
            {
                message.Headers.Add(SessionHeader, _session);
            }

            using HttpResponseMessage response = await _http.SendAsync(message);
            if (response.StatusCode == HttpStatusCode.Conflict && attempt == 0)
            {
                _session = response.Headers.GetValues(SessionHeader).First();
                continue;
            }

            response.EnsureSuccessStatusCode();
            return JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _http.Dispose();
}
