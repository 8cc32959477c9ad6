// Two nodes on loopback: one publishes a value that it changes later, the other follows it.
using System.Text;
using Kadath.Mainline;
using Kadath.Node;
using Kadath.Primitives;

await using MainlineNode alice = await MainlineNode.StartAsync(new() { Bind = [Endpoint.V4(0x7F000001, 0)], Bootstrap = [] });
await using MainlineNode bob = await MainlineNode.StartAsync(new()
{
    Bind = [Endpoint.V4(0x7F000001, 0)],
    Bootstrap = [alice.Endpoints[0].ToString()],
});
await bob.WaitForBootstrapAsync(TimeSpan.FromSeconds(10));

// Values are bencoded: a string is its length, a colon, and its bytes.
static byte[] Bencode(string text) => Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetByteCount(text)}:{text}");

// What never changes is found under the hash of its value.
PutResult fixedItem = await bob.PutAsync(Bencode("hello, Kadath"));
GetResult found = await bob.GetAsync(new(fixedItem.Target));
Console.WriteLine($"{fixedItem.Target}: {Text(found)} ({fixedItem.Stored} nodes hold it)");

// What changes is found under a public key, and only the holder of the secret key can change it.
using ItemKey key = ItemKey.Create();
foreach (string version in (string[])["first", "second"])
{
    PutResult put = await bob.PutAsync(new MutablePut(key, Bencode(version)));
    GetResult now = await bob.GetAsync(new(put.Target, Mutable: true));
    Console.WriteLine($"{put.Target}: {Text(now)}, number {now.Item?.Sequence}");
}

static string Text(GetResult result) => result.Item is { } item ? Encoding.UTF8.GetString(item.Value.Span) : "nobody has it";
