// Node.js as a TLS 1.3 peer: echo server, or client that connects, echoes and says what was negotiated. One JSON object a line.
//   node tls-peer.mjs server|client '{"port":…,"groups":"X25519MLKEM768:X25519","cert":FILE,"key":FILE,"ca":FILE,"alpn":["a"],"ciphers":…,
//     "sigalgs":…,"clientCert":FILE,"clientKey":FILE,"requestCert":true,"resume":true,"bytes":5,"label":"EXPORTER-lab"}'
// The server ends with its standard input.
import { readFileSync } from 'node:fs'
import tls from 'node:tls'
const [role, json] = process.argv.slice(2), o = JSON.parse(json)
const say = x => console.log(JSON.stringify(x)), read = f => f && readFileSync(f)
const about = s => ({
  protocol: s.getProtocol(), cipher: s.getCipher()?.standardName, ephemeral: s.getEphemeralKeyInfo(), alpn: s.alpnProtocol || null,
  sni: s.servername || null, resumed: s.isSessionReused(), authorized: s.authorized, authorizationError: String(s.authorizationError ?? ''),
  exporter: o.label ? s.exportKeyingMaterial(32, o.label).toString('hex') : null
})
const common = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3', ecdhCurve: o.groups ?? 'auto', ciphers: o.ciphers, sigalgs: o.sigalgs, ALPNProtocols: o.alpn, ca: read(o.ca) }
if (role === 'server') {
  const server = tls.createServer({ ...common, cert: read(o.cert), key: read(o.key), requestCert: !!o.requestCert, rejectUnauthorized: !!o.requestCert }, s => {
    say({ event: 'connection', ...about(s) })
    s.on('data', d => s.write(d)); s.on('error', e => say({ event: 'error', error: e.message })); s.on('end', () => s.end())
  })
  server.on('tlsClientError', e => say({ event: 'refused', error: e.message, code: e.code }))
  server.listen(0, '127.0.0.1', () => say({ event: 'ready', port: server.address().port, node: process.version, openssl: process.versions.openssl }))
  process.stdin.resume(); process.stdin.on('end', () => process.exit(0))
} else {
  const once = session => new Promise((resolve, reject) => {
    const s = tls.connect({ ...common, host: '127.0.0.1', port: o.port, servername: 'localhost', cert: read(o.clientCert), key: read(o.clientKey), session })
    let ticket, got = 0; const want = o.bytes ?? 5, chunk = Buffer.alloc(Math.min(want, 65536), 'x')
    s.setTimeout(20000, () => reject(new Error('timeout'))); s.once('error', reject); s.on('session', x => { ticket = x })
    s.once('secureConnect', () => {
      const facts = about(s)
      // One chunk after the other: a key update of the peer's finds us in the middle.
      let sent = 0
      const send = () => { const n = Math.min(want - sent, chunk.length); sent += n; s.write(chunk.subarray(0, n)) }
      s.on('data', d => { got += d.length; if (got >= want) { if (!s.done) { s.done = true; setTimeout(() => s.end(), 50) } } else if (got === sent) send() })
      s.on('end', () => resolve({ facts: { ...facts, received: got }, ticket }))
      send()
    })
  })
  try {
    let r = await once()
    if (o.resume) r = await once(r.ticket)
    say({ event: 'result', ok: true, ...r.facts })
  } catch (e) { say({ event: 'result', ok: false, error: e.message, code: e.code }) }
  process.exit(0)
}
