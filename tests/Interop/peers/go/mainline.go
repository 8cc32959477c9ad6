package main

// Mainline DHT nodes: anacrolix/dht v2. Flags and commands as ../bt-peer.mjs.

import (
	"context"
	"crypto/ed25519"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"time"

	dht "github.com/anacrolix/dht/v2"
	"github.com/anacrolix/dht/v2/bep44"
	"github.com/anacrolix/dht/v2/exts/getput"
	"github.com/anacrolix/dht/v2/int160"
	nearest "github.com/anacrolix/dht/v2/k-nearest-nodes"
	"github.com/anacrolix/dht/v2/krpc"
	peer_store "github.com/anacrolix/dht/v2/peer-store"
	"github.com/anacrolix/dht/v2/traversal"
	alog "github.com/anacrolix/log"
	"github.com/anacrolix/torrent/bencode"
	"github.com/anacrolix/torrent/iplist"
	"golang.org/x/time/rate"
)

func init() { subcommands["mainline"] = mainline }

type btNode struct {
	s     *dht.Server
	where string
	boot  []string
}

func (n *btNode) info() M {
	id := n.s.ID()
	st := n.s.Stats()
	return M{"id": hex.EncodeToString(id[:]), "addr": n.where, "table": st.Nodes, "good": st.GoodNodes, "bad": st.BadNodes,
		"queriesOut": st.OutboundQueriesAttempted}
}

// toV: strings are byte strings, "hex:…" raw bytes, lists stay lists, numbers integers.
func toV(v any) any {
	switch x := v.(type) {
	case string:
		if strings.HasPrefix(x, "hex:") {
			if b, err := hex.DecodeString(x[4:]); err == nil {
				return string(b)
			}
		}
		return x
	case []any:
		r := make([]any, len(x))
		for i := range x {
			r[i] = toV(x[i])
		}
		return r
	case map[string]any:
		r := map[string]any{}
		for k, e := range x {
			r[k] = toV(e)
		}
		return r
	case interface{ Int64() (int64, error) }:
		n, _ := x.Int64()
		return n
	}
	return v
}

// latin1 makes any byte string a JSON string with one character per byte (as bt-peer.mjs does).
func latin1(v any) any {
	switch x := v.(type) {
	case string:
		r := make([]rune, len(x))
		for i := 0; i < len(x); i++ {
			r[i] = rune(x[i])
		}
		return string(r)
	case []any:
		for i := range x {
			x[i] = latin1(x[i])
		}
		return x
	}
	return v
}

func ipAdd(host string, n int) string {
	a, err := netip.ParseAddr(host)
	check(err, "--host")
	for ; n > 0; n-- {
		a = a.Next()
	}
	return a.String()
}

// peers stores announced peers. (The library's InMemory keys them by IP only and, on reading, takes the last two
// bytes of the IP for the port, so that get_peers never has values; --library-peer-store uses it all the same.)
type peers struct {
	mu sync.Mutex
	m  map[peer_store.InfoHash][]krpc.NodeAddr
}

func newPeers() *peers { return &peers{m: map[peer_store.InfoHash][]krpc.NodeAddr{}} }
func (p *peers) AddPeer(ih peer_store.InfoHash, a krpc.NodeAddr) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, x := range p.m[ih] {
		if x.Equal(a) {
			return
		}
	}
	if v := p.m[ih]; len(v) < 500 {
		p.m[ih] = append(v[:len(v):len(v)], a)
	}
}
func (p *peers) GetPeers(ih peer_store.InfoHash) []krpc.NodeAddr {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := p.m[ih]
	return v[:min(len(v), 50)]
}

// outsideLoopback blocks every address outside 127/8 and ::1.
type outsideLoopback struct{}

func (outsideLoopback) Lookup(ip net.IP) (iplist.Range, bool) {
	return iplist.Range{Description: "not loopback"}, !ip.IsLoopback()
}
func (outsideLoopback) NumRanges() int { return 1 }

func mainline(argv []string) {
	f := parseFlags(argv, M{"host": "127.0.0.1", "port": 20001, "bootstrap": []string{}, "nodeid": "", "count": 1, "ips": false,
		"concurrency": 16, "no-security": true, "ipv6": false, "public-ip": "", "read-only": false, "rate": 0, "resend-ms": 1000, "library-peer-store": false, "want": []string{}})
	host := f.Str("host")
	if f.Bool("ipv6") && host == "127.0.0.1" {
		host = "::1"
	}
	mustLoopback(host)
	var nodes []*btNode
	for i := 0; i < f.Int("count"); i++ {
		h, port := host, f.Int("port")+i
		if f.Bool("ips") {
			h, port = ipAdd(host, i), f.Int("port")
			mustLoopback(h)
		}
		conn, err := net.ListenPacket("udp", net.JoinHostPort(h, fmt.Sprint(port)))
		check(err, "listen")
		n := &btNode{where: net.JoinHostPort(h, fmt.Sprint(port)), boot: f.List("bootstrap")}
		if len(n.boot) == 0 && i > 0 {
			n.boot = []string{nodes[0].where}
		}
		var start []dht.Addr
		for _, b := range n.boot {
			ap, err := loopbackHostPort(b)
			check(err, "--bootstrap")
			start = append(start, dht.NewAddr(net.UDPAddrFromAddrPort(ap)))
		}
		c := dht.NewDefaultServerConfig()
		var want []krpc.Want // the default asks for n4 and n6
		c.Conn = conn
		c.NoSecurity = f.Bool("no-security")
		c.StartingNodes = func() ([]dht.Addr, error) { return start, nil } // never the public routers
		c.PeerStore = newPeers()                                           // without one, no tokens and no values
		if f.Bool("library-peer-store") {
			c.PeerStore = &peer_store.InMemory{}
		}
		c.Store = bep44.NewMemory()
		c.IPBlocklist = outsideLoopback{} // addresses learned from others, too
		c.Passive = f.Bool("read-only")
		for _, w := range f.List("want") {
			want = append(want, krpc.Want(w))
		}
		if len(want) > 0 {
			c.DefaultWant = want
		}
		c.Logger = alog.Default.FilterLevel(alog.Error)
		resend := time.Duration(f.Int("resend-ms")) * time.Millisecond
		c.QueryResendDelay = func() time.Duration { return resend }
		c.SendLimiter = rate.NewLimiter(rate.Inf, 1) // the default is 25 queries/s for the whole process
		if r := f.Int("rate"); r > 0 {
			c.SendLimiter = rate.NewLimiter(rate.Limit(r), r)
		}
		if p := f.Str("public-ip"); p != "" {
			c.PublicIP = net.ParseIP(p)
		}
		if id := f.Str("nodeid"); id != "" && i == 0 {
			b, err := hex.DecodeString(id)
			if err != nil || len(b) != 20 {
				die("--nodeid: 40 hex digits")
			}
			copy(c.NodeId[:], b)
		}
		n.s, err = dht.NewServer(c)
		check(err, "node")
		nodes = append(nodes, n)
		if len(start) > 0 {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			n.s.BootstrapContext(ctx)
			cancel()
		}
	}
	infos := func() []M {
		r := make([]M, len(nodes))
		for i, n := range nodes {
			r[i] = n.info()
		}
		return r
	}
	N := func(r Req) (*btNode, error) {
		i := r.Int("node", 0)
		if i < 0 || i >= len(nodes) {
			return nil, errors.New("no such node")
		}
		return nodes[i], nil
	}
	id20 := func(s string) (r [20]byte, err error) {
		b, err := hex.DecodeString(s)
		if err == nil && len(b) != 20 {
			err = errors.New("want 40 hex digits")
		}
		copy(r[:], b)
		return
	}
	lookup := func(n *btNode, r Req, opts ...dht.AnnounceOpt) (peers []string, visited uint32, stored int, err error) {
		ih, err := id20(r.Str("infohash"))
		if err != nil {
			return
		}
		before := n.s.Stats().SuccessfulOutboundAnnouncePeerQueries
		a, err := n.s.AnnounceTraversal(ih, opts...)
		if err != nil {
			return
		}
		defer a.Close()
		seen := map[string]bool{}
		ctx, cancel := r.Ctx(30000)
		defer cancel()
		peers = []string{}
		for {
			select {
			case v, ok := <-a.Peers:
				if !ok {
					<-a.Finished()
					return peers, a.NumContacted(), int(n.s.Stats().SuccessfulOutboundAnnouncePeerQueries - before), nil
				}
				for _, p := range v.Peers {
					s := p.String()
					if !seen[s] {
						seen[s] = true
						peers = append(peers, s)
					}
				}
			case <-ctx.Done():
				return peers, a.NumContacted(), 0, ctx.Err()
			}
		}
	}
	// put: a get traversal for the tokens, then the item to the 8 closest.
	put := func(n *btNode, r Req, target [20]byte, item bep44.Put) (int, []string, error) {
		ctx, cancel := r.Ctx(30000)
		defer cancel()
		op := traversal.Start(traversal.OperationInput{Alpha: 15, Target: target, NodeFilter: n.s.TraversalNodeFilter,
			DoQuery: func(ctx context.Context, a krpc.NodeAddr) traversal.QueryResult {
				q := n.s.Get(ctx, dht.NewAddr(a.UDP()), target, nil, dht.QueryRateLimiting{})
				t := q.TraversalQueryResult(a)
				tok, ok := t.ClosestData.(string)
				if !ok {
					t.ResponseFrom = nil
				}
				t.ClosestData = tok
				return t
			}})
		start, err := n.s.TraversalStartingNodes()
		if err != nil {
			op.Stop()
			return 0, nil, err
		}
		op.AddNodes(start)
		select {
		case <-op.Stalled():
		case <-ctx.Done():
		}
		op.Stop()
		<-op.Stopped()
		var wg sync.WaitGroup
		var mu sync.Mutex
		stored, errs := 0, []string{}
		op.Closest().Range(func(e nearest.Elem) {
			wg.Add(1)
			go func() {
				defer wg.Done()
				q := n.s.Put(ctx, dht.NewAddr(e.Addr.UDP()), item, e.Data.(string), dht.QueryRateLimiting{})
				mu.Lock()
				defer mu.Unlock()
				if err := q.ToError(); err != nil {
					errs = append(errs, err.Error())
				} else {
					stored++
				}
			}()
		})
		wg.Wait()
		if stored == 0 && len(errs) > 0 {
			return 0, errs, errors.New(errs[0])
		}
		return stored, errs, nil
	}

	say(M{"event": "ready", "impl": "anacrolix/dht", "nodes": infos()})
	serve(f, map[string]Handler{
		"info": func(Req) (any, error) { return infos(), nil },
		"nodes": func(r Req) (any, error) {
			n, err := N(r)
			if err != nil {
				return nil, err
			}
			res := []M{}
			for _, x := range n.s.Nodes() {
				res = append(res, M{"id": hex.EncodeToString(x.ID[:]), "addr": x.Addr.String()})
			}
			return res, nil
		},
		// a ping puts the node in the table once it answers
		"add_node": func(r Req) (any, error) {
			n, err := N(r)
			if err != nil {
				return nil, err
			}
			ap, err := loopbackHostPort(r.Str("addr"))
			if err != nil {
				return nil, err
			}
			q := n.s.Ping(net.UDPAddrFromAddrPort(ap))
			return true, q.ToError()
		},
		"rebootstrap": func(r Req) (any, error) {
			n, err := N(r)
			if err != nil {
				return nil, err
			}
			ctx, cancel := r.Ctx(20000)
			defer cancel()
			_, err = n.s.BootstrapContext(ctx)
			return n.info(), err
		},
		// {addr, target}: one find_node to one node
		"find_node": func(r Req) (any, error) {
			n, err := N(r)
			if err != nil {
				return nil, err
			}
			ap, err := loopbackHostPort(r.Str("addr"))
			if err != nil {
				return nil, err
			}
			t, err := id20(r.Str("target"))
			if err != nil {
				return nil, err
			}
			q := n.s.FindNode(dht.NewAddr(net.UDPAddrFromAddrPort(ap)), int160.FromByteArray(t), dht.QueryRateLimiting{})
			if err := q.ToError(); err != nil {
				return nil, err
			}
			res := []M{}
			if q.Reply.R != nil {
				q.Reply.R.ForAllNodes(func(x krpc.NodeInfo) {
					res = append(res, M{"id": hex.EncodeToString(x.ID[:]), "addr": x.Addr.String()})
				})
			}
			return res, nil
		},
		"get_peers": func(r Req) (any, error) {
			n, err := N(r)
			if err != nil {
				return nil, err
			}
			p, v, _, err := lookup(n, r)
			return M{"peers": p, "visited": v}, err
		},
		// {infohash, port} (port 0: implied_port)
		"announce": func(r Req) (any, error) {
			n, err := N(r)
			if err != nil {
				return nil, err
			}
			port := r.Int("port", 0)
			_, _, stored, err := lookup(n, r, dht.AnnouncePeer(dht.AnnouncePeerOpts{Port: port, ImpliedPort: port == 0}))
			return M{"stored": stored}, err
		},
		"put_immutable": func(r Req) (any, error) {
			n, err := N(r)
			if err != nil {
				return nil, err
			}
			v := toV(r["v"])
			b, err := bencode.Marshal(v)
			if err != nil {
				return nil, err
			}
			t := sha1.Sum(b)
			stored, errs, err := put(n, r, t, bep44.Put{V: v})
			return M{"target": hex.EncodeToString(t[:]), "stored": stored, "errors": errs}, err
		},
		// {seed (32 bytes hex), v, seq, salt?, cas?}
		"put_mutable": func(r Req) (any, error) {
			n, err := N(r)
			if err != nil {
				return nil, err
			}
			seed, err := r.Hex("seed")
			if err != nil || len(seed) != 32 {
				return nil, errors.New("seed: 64 hex digits")
			}
			key := ed25519.NewKeyFromSeed(seed)
			var k [32]byte
			copy(k[:], key.Public().(ed25519.PublicKey))
			item := bep44.Put{V: toV(r["v"]), K: &k, Salt: []byte(r.Str("salt")), Seq: int64(r.Num("seq", 0)), Cas: int64(r.Num("cas", 0))}
			item.Sign(key)
			t := bep44.MakeMutableTarget(k, item.Salt)
			stored, errs, err := put(n, r, t, item)
			return M{"target": hex.EncodeToString(t[:]), "k": hex.EncodeToString(k[:]), "stored": stored, "errors": errs}, err
		},
		"get": func(r Req) (any, error) {
			n, err := N(r)
			if err != nil {
				return nil, err
			}
			t, err := id20(r.Str("target"))
			if err != nil {
				return nil, err
			}
			ctx, cancel := r.Ctx(30000)
			defer cancel()
			res, _, err := getput.Get(ctx, t, n.s, nil, []byte(r.Str("salt")))
			if err != nil {
				if err.Error() == "value not found" {
					return nil, nil
				}
				return nil, err
			}
			var v any
			if err := bencode.Unmarshal(res.V, &v); err != nil {
				return nil, err
			}
			m := M{"v": latin1(v), "mutable": res.Mutable}
			if res.Mutable {
				m["seq"] = res.Seq
			}
			return m, nil
		},
	}, func() {
		for _, n := range nodes {
			n.s.Close()
		}
	})
}
