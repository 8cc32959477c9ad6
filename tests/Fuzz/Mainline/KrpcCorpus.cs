using System.Text;

namespace Kadath.Tests.Fuzz.Mainline;

/// <summary>Well-formed messages of every kind, to be made wrong.</summary>
internal static class KrpcCorpus
{
    private const string Id = "abcdefghij0123456789", Target = "mnopqrstuvwxyz123456";

    public static readonly byte[][] Queries =
    [
        .. new[]
        {
            $"d1:ad2:id20:{Id}e1:q4:ping1:t2:aa1:y1:qe",
            $"d1:ad2:id20:{Id}6:target20:{Target}4:wantl2:n42:n6ee1:q9:find_node1:t2:aa1:v4:LT011:y1:qe",
            $"d1:ad2:id20:{Id}9:info_hash20:{Target}6:noseedi1e6:scrapei1ee1:q9:get_peers1:t4:aaaa1:y1:qe",
            $"d1:ad2:id20:{Id}12:implied_porti1e9:info_hash20:{Target}4:porti6881e4:seedi1e5:token8:aoeusnthe1:q13:announce_peer1:t2:aa1:y1:qe",
            $"d1:ad2:id20:{Id}3:seqi4e6:target20:{Target}e1:q3:get2:roi1e1:t2:aa1:y1:qe",
            $"d1:ad2:id20:{Id}5:token8:aoeusnth1:v12:Hello World!e1:q3:put1:t2:aa1:y1:qe",
            $"d1:ad3:casi1e2:id20:{Id}1:k32:{new string('k', 32)}4:salt6:foobar3:seqi4e3:sig64:{new string('s', 64)}5:token8:aoeusnth1:v12:Hello World!e1:q3:put1:t2:aa1:y1:qe",
            $"d1:ad2:id20:{Id}6:target20:{Target}e1:q17:sample_infohashes1:t2:aa1:y1:qe",
            $"d1:ad2:id20:{Id}6:target20:{Target}e1:q4:vote1:t2:aa1:y1:qe",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    /// <summary>Responses and errors; the transaction id is always <c>1:t4:TTTT</c>.</summary>
    public static readonly byte[][] Replies =
    [
        .. new[]
        {
            $"d2:ip6:\u0008\u0008\u0008\u0008\u001a\u00e11:rd2:id20:{Id}e1:t4:TTTT1:v4:LT011:y1:re",
            $"d1:rd2:id20:{Id}5:nodes52:{Target}\u007f\0\0\u0005\u001a\u00e1{Id}\u007f\0\0\u0006\u001a\u00e15:token4:toke6:valuesl6:\u0001\u0002\u0003\u0004\u001a\u00e118:{Target[..18]}ee1:t4:TTTT1:y1:re",
            $"d1:rd2:id20:{Id}6:nodes638:{Target}{Target[..18]}5:token8:aoeusnthe1:t4:TTTT1:y1:re",
            $"d1:rd4:BFpe256:{new string('p', 256)}4:BFsd256:{new string('s', 256)}2:id20:{Id}5:token1:te1:t4:TTTT1:y1:re",
            $"d1:rd2:id20:{Id}1:k32:{new string('k', 32)}5:nodes0:3:seqi9e3:sig64:{new string('s', 64)}5:token20:{Target}1:v12:Hello World!e1:t4:TTTT1:y1:re",
            $"d1:rd2:id20:{Id}8:intervali60e5:nodes0:3:numi7e7:samples40:{Target}{Id}e1:t4:TTTT1:y1:re",
            "d1:eli203e9:bad tokene1:t4:TTTT1:y1:ee",
            $"d1:eli204e14:Method Unknowne2:ip6:\u0008\u0008\u0008\u0008\u001a\u00e11:rd2:id20:{Id}e1:t4:TTTT1:y1:ee",
        }.Select(Encoding.Latin1.GetBytes),
    ];

    public static readonly byte[][] All = [.. Queries, .. Replies];
}
