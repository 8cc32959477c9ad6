#!/usr/bin/python3
"""A Mainline DHT node: libtorrent-rasterbar 2.0.8 (Debian python3-libtorrent), DHT only,
driven by JSON lines on stdin/stdout (same protocol as bt-peer.mjs).

  /usr/bin/python3 lt-peer.py --host 127.0.0.1 --port 20101 --bootstrap 127.0.0.1:20001 [--count 10 [--ips]]
      [--set dht_block_ratelimit=5 ...]
An IPv6 host is given plain (::1), an IPv6 endpoint in brackets ([::1]:20101).

Use Debian's /usr/bin/python3 (a pyenv python has no libtorrent). See SETTINGS for what loopback needs.
"""
import argparse, base64, hashlib, json, os, select, signal, sys, tempfile, threading, time, ipaddress
import warnings; warnings.simplefilter('ignore', DeprecationWarning)
import libtorrent as lt

ap = argparse.ArgumentParser()
ap.add_argument('--host', default='127.0.0.1')
ap.add_argument('--port', type=int, default=20101)
ap.add_argument('--bootstrap', default='', help='host:port[,host:port]; empty: none')
ap.add_argument('--count', type=int, default=1)
ap.add_argument('--ips', action='store_true', help='count nodes on host+0..n, same port')
ap.add_argument('--set', action='append', default=[], help='any libtorrent setting, name=value')
ap.add_argument('--daemon', action='store_true', help='keep running after stdin EOF')
ap.add_argument('--log', action='store_true', help='emit dht_log alerts as events')
o = ap.parse_args()

def split(addr):
    h, p = addr.rsplit(':', 1); return h.strip('[]'), int(p)
def join(host, port):
    return ('[%s]:%d' if ':' in host else '%s:%d') % (host, port)
def show(ep):
    return join(ep[0], ep[1])

def say(m):
    sys.stdout.write(json.dumps(m) + '\n'); sys.stdout.flush()

SETTINGS = {
    # only the DHT: nothing else may listen, announce or look anything up
    'enable_dht': True, 'enable_lsd': False, 'enable_upnp': False, 'enable_natpmp': False,
    'enable_incoming_tcp': False, 'enable_outgoing_tcp': False,
    'enable_incoming_utp': True, 'enable_outgoing_utp': False,     # the UDP socket itself is needed by DHT
    'listen_system_port_fallback': False,
    # loopback: many nodes with one IP, private addresses, random node ids
    'dht_restrict_routing_ips': False,       # default True: one node per IP (/24) in a bucket
    'dht_restrict_search_ips': False,        # default True: one node per IP (/24) in a traversal
    'dht_prefer_verified_node_ids': False,   # BEP42 preference (loopback ids cannot be verified)
    'dht_enforce_node_id': False,
    'dht_ignore_dark_internet': False,
    'allow_multiple_connections_per_ip': True,
    # rate limits: the defaults are 5 packets/s per source IP (50 in 10 s -> ban for 300 s) and
    # 8000 B/s of outgoing DHT traffic; with everybody on 127.0.0.1 both bite immediately
    'dht_block_ratelimit': 1000000, 'dht_block_timeout': 1, 'dht_upload_rate_limit': 100000000,
    'dht_max_peers': 5000, 'dht_max_dht_items': 10000, 'dht_max_torrents': 20000,
    'dht_sample_infohashes_interval': 0, 'dht_max_infohashes_sample_count': 20,
}
CAT = lt.alert.category_t
def mask():
    m = int(CAT.error_notification) | int(CAT.dht_notification) | int(CAT.dht_operation_notification) | int(CAT.status_notification)
    if o.log: m |= int(CAT.dht_log_notification)
    return m

def conv(v):
    return {'true': True, 'false': False}.get(v.lower(), int(v) if v.lstrip('-').isdigit() else v)

def start(i):
    host = str(ipaddress.ip_address(o.host) + i) if o.ips else o.host
    port = o.port if o.ips else o.port + i
    s = dict(SETTINGS)
    s['listen_interfaces'] = join(host, port)
    boot = o.bootstrap or (f'{nodes[0].where}' if nodes else '')
    s['dht_bootstrap_nodes'] = ''             # default dht.libtorrent.org:25401; nodes are added by address below
    s['alert_mask'] = mask()
    for kv in o.set:
        k, v = kv.split('=', 1); s[k] = conv(v)
    ses = lt.session(s)
    ses.where = join(host, port)
    for hp in filter(None, boot.split(',')):
        ses.add_dht_node(split(hp))
    return ses

class S:  # session plus what we wait for
    pass

nodes = []
for i in range(o.count): nodes.append(start(i))

alerts = {i: [] for i in range(o.count)}
cv = threading.Condition()

def pump():
    while True:
        got = False
        for i, ses in enumerate(nodes):
            for a in ses.pop_alerts():
                got = True
                w = a.what()
                if w == 'dht_log' or (o.log and w in ('dht_pkt',)):
                    say({'event': 'log', 'node': i, 'text': a.message()}); continue
                rec = {'what': w, 'msg': a.message()}
                # alert objects die at the next pop_alerts(): copy what is needed
                if w == 'dht_get_peers_reply_alert' or isinstance(a, lt.dht_get_peers_reply_alert):
                    rec.update(what='dht_get_peers_reply', ih=str(a.info_hash), peers=[show(p) for p in a.peers()])
                elif isinstance(a, lt.dht_immutable_item_alert):
                    it = a.item                  # the binding gives {'key','value'}; value None: not found
                    rec.update(what='dht_immutable_item', target=str(a.target), item=it.get('value') if isinstance(it, dict) else it)
                elif isinstance(a, lt.dht_mutable_item_alert):
                    it = a.item                  # {'key','value','signature','seq','salt','authoritative'}
                    rec.update(what='dht_mutable_item', key=bytes(a.key), salt=a.salt, seq=a.seq, auth=a.authoritative,
                               item=it.get('value') if isinstance(it, dict) else it)
                elif isinstance(a, lt.dht_put_alert):
                    rec.update(what='dht_put', target=str(a.target), n=a.num_success, seq=a.seq, pk=bytes(a.public_key))
                elif isinstance(a, lt.dht_sample_infohashes_alert):
                    rec.update(what='dht_sample', ep=show(a.endpoint), samples=[str(x) for x in a.samples],
                               num=a.num_infohashes, interval=str(a.interval),
                               nodes=[('%s' % n['nid'], show(n['endpoint'])) if isinstance(n, dict) else str(n) for n in a.nodes])
                elif isinstance(a, lt.dht_live_nodes_alert):
                    rec.update(what='dht_live_nodes', nodes=[(str(n['nid']), show(n['endpoint'])) for n in a.nodes])
                elif isinstance(a, lt.dht_stats_alert):
                    rec.update(what='dht_stats', table=[dict(b) for b in a.routing_table], active=len(a.active_requests))
                elif w in ('listen_failed',):
                    say({'event': 'error', 'node': i, 'error': a.message()})
                with cv:
                    alerts[i].append(rec); del alerts[i][:-2000]; cv.notify_all()
        time.sleep(0.005 if got else 0.02)

threading.Thread(target=pump, daemon=True).start()

def wait(i, pred, timeout, start_at):
    end = time.time() + timeout
    with cv:
        while True:
            for r in alerts[i][start_at:]:
                if pred(r): return r
            left = end - time.time()
            if left <= 0: raise TimeoutError('no alert in %s s' % timeout)
            cv.wait(left)

def expand(seed):                 # libtorrent wants the expanded 64-byte secret key
    h = bytearray(hashlib.sha512(seed).digest())
    h[0] &= 248; h[31] &= 63; h[31] |= 64
    return bytes(h)

# minimal ed25519 public key derivation (RFC 8032), stdlib only
def pub(seed):
    P = 2**255 - 19; d = -121665 * pow(121666, P - 2, P) % P; I = pow(2, (P - 1) // 4, P)
    def rec(y):
        xx = (y*y-1) * pow(d*y*y+1, P-2, P); x = pow(xx, (P+3)//8, P)
        if (x*x - xx) % P: x = x*I % P
        return P-x if x & 1 else x
    By = 4 * pow(5, P-2, P) % P; Bx = rec(By)
    def add(p, q):
        x1,y1,z1,t1 = p; x2,y2,z2,t2 = q
        A=(y1-x1)*(y2-x2)%P; B=(y1+x1)*(y2+x2)%P; C=2*t1*t2*d%P; D=2*z1*z2%P
        E=B-A; F=D-C; G=D+C; H=B+A
        return (E*F%P, G*H%P, F*G%P, E*H%P)
    a = int.from_bytes(expand(seed)[:32], 'little'); Q=(0,1,1,0); Pn=(Bx,By,1,Bx*By%P)
    while a:
        if a & 1: Q = add(Q, Pn)
        Pn = add(Pn, Pn); a >>= 1
    zi = pow(Q[2], P-2, P); x = Q[0]*zi%P; y = Q[1]*zi%P
    return (y | ((x & 1) << 255)).to_bytes(32, 'little')

def toV(v):
    if isinstance(v, str): return bytes.fromhex(v[4:]) if v.startswith('hex:') else v.encode()
    return v
def fromV(v):
    return v.decode('latin1') if isinstance(v, (bytes, bytearray)) else v

def table(i):
    st = nodes[i].dht_state()
    n = st.get(b'nodes', []) if isinstance(st, dict) else []
    return n

def routing(i):
    at = len(alerts[i]); nodes[i].post_dht_stats()
    r = wait(i, lambda r: r['what'] == 'dht_stats', 5, at)
    return sum(b.get('num_nodes', 0) for b in r['table'])

def nodeid(i):
    st = nodes[i].dht_state()
    ids = st.get(b'node-id', [])
    return ids[0][:20].hex() if ids else ''

def h_info(q):
    return [{'id': nodeid(i), 'addr': nodes[i].where, 'table': routing(i)} for i in range(o.count)]

def h_get_peers(q):
    i = q.get('node', 0); at = len(alerts[i]); peers = set()
    nodes[i].dht_get_peers(lt.sha1_hash(bytes.fromhex(q['infohash'])))
    end = time.time() + q.get('wait', 5); idle = None
    # libtorrent posts one alert per responding node that had values and none at the end of the traversal
    while time.time() < end:
        with cv:
            for r in alerts[i][at:]:
                if r['what'] == 'dht_get_peers_reply' and r['ih'] == q['infohash'] and not r.get('seen'):
                    r['seen'] = True; peers.update(r['peers']); idle = time.time()
        if idle and time.time() - idle > q.get('idle', 0.7): break
        time.sleep(0.02)
    return {'peers': sorted(peers)}

def h_announce(q):
    # session.dht_announce() cannot be called from Python in 2.0.8 (its flags type has no converter),
    # so announce the way a client does: add a magnet link. The announce has implied_port=1, that is,
    # the peer's port is the node's own UDP port. There is no completion alert.
    ses = nodes[q.get('node', 0)]
    p = lt.parse_magnet_uri('magnet:?xt=urn:btih:' + q['infohash'])
    p.save_path = tempfile.gettempdir()
    p.flags = (p.flags | lt.torrent_flags.upload_mode | lt.torrent_flags.disable_lsd | lt.torrent_flags.disable_pex) & ~(
        lt.torrent_flags.auto_managed | lt.torrent_flags.paused)
    ses.add_torrent(p).force_dht_announce()
    return True

def h_put_immutable(q):
    i = q.get('node', 0); at = len(alerts[i])
    t = str(nodes[i].dht_put_immutable_item(toV(q['v'])))
    r = wait(i, lambda r: r['what'] == 'dht_put' and r['target'] == t, q.get('wait', 40), at)
    return {'target': t, 'stored': r['n']}

def h_get(q):
    i = q.get('node', 0); at = len(alerts[i])
    nodes[i].dht_get_immutable_item(lt.sha1_hash(bytes.fromhex(q['target'])))
    r = wait(i, lambda r: r['what'] == 'dht_immutable_item' and r['target'] == q['target'], q.get('wait', 40), at)
    return {'v': fromV(r['item'])} if r['item'] is not None else None

def h_put_mutable(q):
    i = q.get('node', 0); seed = bytes.fromhex(q['seed']); pk = pub(seed); at = len(alerts[i])
    # the binding stores v and increments whatever seq the network has (it cannot set seq)
    nodes[i].dht_put_mutable_item(expand(seed), pk, toV(q['v']), (q.get('salt') or '').encode())
    r = wait(i, lambda r: r['what'] == 'dht_put' and r['pk'] == pk, q.get('wait', 40), at)
    return {'k': pk.hex(), 'stored': r['n'], 'seq': r['seq']}

def h_get_mutable(q):
    i = q.get('node', 0); k = bytes.fromhex(q['k']); at = len(alerts[i])
    nodes[i].dht_get_mutable_item(k, (q.get('salt') or '').encode())
    r = None
    end = time.time() + q.get('wait', 40)
    while time.time() < end:     # several alerts: keep the authoritative (last) one
        try: r = wait(i, lambda r: r['what'] == 'dht_mutable_item' and r['key'] == k and r['auth'], end - time.time(), at); break
        except TimeoutError: break
    if r is None: return None
    return {'v': fromV(r['item']), 'seq': r['seq']} if r['item'] is not None else None

def h_sample(q):
    i = q.get('node', 0); at = len(alerts[i])
    nodes[i].dht_sample_infohashes(split(q['addr']), lt.sha1_hash(bytes.fromhex(q.get('target', '00' * 20))))
    r = wait(i, lambda r: r['what'] == 'dht_sample' and r['ep'] == q['addr'], q.get('wait', 10), at)
    return {k: r[k] for k in ('samples', 'num', 'interval', 'nodes')}

def h_live(q):
    i = q.get('node', 0); at = len(alerts[i]); ids = q.get('nid') or nodeid(i)
    nodes[i].dht_live_nodes(lt.sha1_hash(bytes.fromhex(ids)))
    return [{'id': a, 'addr': b} for a, b in wait(i, lambda r: r['what'] == 'dht_live_nodes', 5, at)['nodes']]

def h_add(q):
    nodes[q.get('node', 0)].add_dht_node(split(q['addr'])); return True

def h_alerts(q):
    return [{'what': r['what'], 'msg': r['msg']} for r in alerts[q.get('node', 0)][-q.get('n', 20):]]

H = dict(info=h_info, nodes=h_live, add_node=h_add, get_peers=h_get_peers, announce=h_announce,
         put_immutable=h_put_immutable, get=h_get, put_mutable=h_put_mutable, get_mutable=h_get_mutable,
         sample_infohashes=h_sample, alerts=h_alerts)

def quit_(*_):
    os._exit(0)                  # the session destructor may wait for trackers; there is nothing to save
signal.signal(signal.SIGTERM, quit_); signal.signal(signal.SIGINT, quit_)

def handle(q):
    t0 = time.perf_counter()
    try: rep = {'ok': True, 'result': H[q['cmd']](q)}
    except KeyError as e: rep = {'ok': False, 'error': 'unknown cmd or missing argument %s; have %s' % (e, ' '.join(H))}
    except Exception as e: rep = {'ok': False, 'error': repr(e)}
    rep.update(id=q.get('id'), ms=(time.perf_counter() - t0) * 1000)
    try: say(rep)
    except Exception as e: say({'id': q.get('id'), 'ok': False, 'error': repr(e)})

time.sleep(0.3)
end = time.time() + 5
while not all(s.is_dht_running() for s in nodes) and time.time() < end: time.sleep(0.05)
say({'event': 'ready', 'impl': 'libtorrent ' + lt.__version__, 'nodes': [{'addr': s.where, 'id': nodeid(i)} for i, s in enumerate(nodes)]})
for line in sys.stdin:
    line = line.strip()
    if not line: continue
    try: q = json.loads(line)
    except ValueError as e: say({'ok': False, 'error': 'bad JSON ' + str(e)}); continue
    if q.get('cmd') == 'quit': say({'id': q.get('id'), 'ok': True}); quit_()
    threading.Thread(target=handle, args=(q,), daemon=True).start()
if o.daemon:
    while True: signal.pause()
quit_()
