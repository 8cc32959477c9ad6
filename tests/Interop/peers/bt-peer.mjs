// A Mainline DHT node: npm bittorrent-dht 11.x, driven by JSON lines (see ./jsonpeer.mjs).
//   node bt-peer.mjs --host 127.0.0.1 --port 20001 --bootstrap 127.0.0.1:20000[,…] [--nodeid hex]
// One process may hold many nodes: --count 30 binds ports port..port+29 (or, with --ips,
// addresses host+0..host+29 on the same port); commands then take "node": index (default 0).
// Options that matter on loopback: bootstrap must be given or false (the default contacts public
// routers); host only influences the announce of oneself; the address goes to listen().
// BEP44 mutable items need opts.verify (there is no built-in ed25519): node's crypto is used here.
import crypto from 'node:crypto'
import bencode from 'bencode'
import DHT from 'bittorrent-dht'
import { args, say, serve } from './jsonpeer.mjs'

const o = args({ host: '127.0.0.1', port: 20001, bootstrap: [], nodeid: '', count: 1, ips: false, concurrency: 16 })

const SPKI = Buffer.from('302a300506032b6570032100', 'hex')
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')
const pubKey = raw => crypto.createPublicKey({ key: Buffer.concat([SPKI, raw]), format: 'der', type: 'spki' })
const privKey = seed => crypto.createPrivateKey({ key: Buffer.concat([PKCS8, seed]), format: 'der', type: 'pkcs8' })
const rawPub = seed => crypto.createPublicKey(privKey(seed)).export({ format: 'der', type: 'spki' }).subarray(-32)
const verify = (sig, msg, pk) => {
  try { return crypto.verify(null, Buffer.from(msg), pubKey(Buffer.from(pk)), Buffer.from(sig)) } catch { return false }
}
const ipAdd = (ip, n) => {
  let x = ip.split('.').reduce((a, b) => a * 256 + Number(b), 0) + n
  const r = []; for (let i = 0; i < 4; i++) { r.unshift(x % 256); x = Math.floor(x / 256) }
  return r.join('.')
}
const toV = v => Array.isArray(v) ? v.map(toV) : typeof v === 'string' && /^hex:/.test(v) ? Buffer.from(v.slice(4), 'hex') : typeof v === 'string' ? Buffer.from(v) : v
const fromV = v => v instanceof Uint8Array ? Buffer.from(v).toString('latin1') : v

const nodes = []
for (let i = 0; i < o.count; i++) {
  const host = o.ips ? ipAdd(o.host, i) : o.host
  const port = o.ips ? o.port : o.port + i
  const boot = o.bootstrap.length ? o.bootstrap : i > 0 ? [nodes[0].where] : false
  const dht = new DHT({ bootstrap: boot, host, verify, concurrency: o.concurrency, ...(o.nodeid && i === 0 ? { nodeId: o.nodeid } : {}) })
  let listening = false
  dht.on('error', e => { say({ event: 'error', node: i, error: e.message }); if (!listening) process.exit(1) })
  dht.where = `${host}:${port}`
  const up = new Promise(resolve => dht.on('listening', resolve))
  const ready = new Promise(resolve => dht.on('ready', resolve))
  dht.listen(port, host)
  await up
  listening = true
  await Promise.race([ready, new Promise(resolve => setTimeout(resolve, 5000))])
  nodes.push(dht)
}
const info = d => ({ id: d.nodeId.toString('hex'), addr: d.where, table: d.nodes.toArray().length })
say({ event: 'ready', impl: 'bittorrent-dht', nodes: nodes.map(info) })

const cb = f => new Promise((resolve, reject) => f((e, ...r) => e ? reject(e) : resolve(r)))
const N = req => nodes[req.node ?? 0]
serve({
  info: req => nodes.map(info),
  nodes: req => N(req).nodes.toArray().map(n => ({ id: n.id.toString('hex'), addr: `${n.host}:${n.port}` })),
  add_node: req => { const [host, port] = req.addr.split(':'); N(req).addNode({ host, port: Number(port) }); return true },
  rebootstrap: req => { N(req).ready = false; N(req)._bootstrap(true); return new Promise(resolve => N(req).once('ready', () => resolve(info(N(req))))) },
  // {infohash} -> {peers:[…], visited:n}
  get_peers: async req => {
    const d = N(req); const peers = new Set()
    const on = (p, ih) => { if (ih.toString('hex') === req.infohash) peers.add(`${p.host}:${p.port}`) }
    d.on('peer', on)
    try { const [n] = await cb(f => d.lookup(req.infohash, f)); return { peers: [...peers], visited: n } } finally { d.off('peer', on) }
  },
  // {infohash, port} (port 0: implied_port)
  announce: async req => { const [n] = await cb(f => N(req).announce(req.infohash, req.port ?? 0, f)); return { stored: n } },
  put_immutable: async req => { const [key, n] = await cb(f => N(req).put({ v: toV(req.v) }, f)); return { target: key.toString('hex'), stored: n } },
  get: async req => {
    const [r] = await cb(f => N(req).get(req.target, { salt: req.salt, cache: false }, f))
    return r && { v: fromV(r.v), seq: r.seq, k: r.k && Buffer.from(r.k).toString('hex') }
  },
  // {seed(32 bytes hex), v, seq, salt?, cas?}
  put_mutable: async req => {
    const seed = Buffer.from(req.seed, 'hex'); const k = rawPub(seed)
    const opts = { k, seq: req.seq, v: toV(req.v), sign: buf => crypto.sign(null, Buffer.from(buf), privKey(seed)) }
    if (req.salt) opts.salt = Buffer.from(req.salt)
    if (req.cas != null) opts.cas = req.cas
    const [key, n] = await cb(f => N(req).put(opts, f))
    return { target: key.toString('hex'), k: k.toString('hex'), stored: n }
  }
}, { daemon: o.daemon, onQuit: () => Promise.all(nodes.map(d => new Promise(resolve => d.destroy(resolve)))) })
