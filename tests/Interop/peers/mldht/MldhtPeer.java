// A Mainline DHT node: mldht (the8472's Java implementation, as shaded in bt-dht 1.10), driven by JSON lines
// (see ../jsonpeer.mjs; flags and commands mirror ../bt-peer.mjs).
//   java -jar mldht-peer.jar --host 127.0.0.1 --port 20001 --bootstrap 127.0.0.2:20001[,…] [--nodeid hex]
// One process may hold many nodes: --count 30 binds ports port..port+29 or, with --ips, addresses host+0..host+29
// on the same port; commands then take "node": index (default 0). mldht keeps ONE contact per IP address, in its
// routing table as in its lookups: give every node of a test its own 127.x address (--ips).
//   --host6 ::1       also an IPv6 node beside each IPv4 node (siblings: they answer "want"); index count+i
//   --throttle false  switch off mldht's per-IP limit (10 packets at once, then 2/s, the rest dropped unanswered)
//   --dir DIR         keep node id and routing table in DIR/<index> (default: nothing is kept)
//   --threads N       worker threads of each node (default 1). With more (0: as mldht's Launcher, at least 4) a reply that
//                     arrives within microseconds can be handled before the query is marked as sent; mldht then loses
//                     it and waits out its 10 s timeout. With one thread this race cannot happen.
//   --log fatal|error|info|debug|verbose   mldht's log on stderr (default error)
// Nothing here resolves a name: mldht's own list of public bootstrap hosts is overwritten before a node starts.
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Field;
import java.net.DatagramSocket;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.*;
import java.util.concurrent.*;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import lbms.plugins.mldht.DHTConfiguration;
import lbms.plugins.mldht.kad.*;
import lbms.plugins.mldht.kad.DHT.DHTtype;
import lbms.plugins.mldht.kad.GenericStorage.StorageItem;
import lbms.plugins.mldht.kad.messages.*;
import lbms.plugins.mldht.kad.tasks.*;
import lbms.plugins.mldht.kad.utils.AddressUtils;
import net.i2p.crypto.eddsa.EdDSAPrivateKey;
import net.i2p.crypto.eddsa.spec.EdDSAPrivateKeySpec;
import the8472.bencode.BDecoder;
import the8472.utils.concurrent.NonblockingScheduledExecutor;

public final class MldhtPeer {
  // ---- options ----
  static final Map<String, Object> o = new LinkedHashMap<>();
  static {
    o.put("host", "127.0.0.1"); o.put("host6", ""); o.put("port", 20001L); o.put("bootstrap", new ArrayList<String>());
    o.put("nodeid", ""); o.put("count", 1L); o.put("ips", false); o.put("throttle", true); o.put("dir", "");
    o.put("log", "error"); o.put("threads", 1L); o.put("daemon", false);
  }
  @SuppressWarnings("unchecked")
  static void args(String[] a) {
    for (int i = 0; i < a.length; i++) {
      String key = a[i].startsWith("--") ? a[i].substring(2) : "";
      if (!o.containsKey(key)) throw new IllegalArgumentException("unknown option " + a[i] + "; have --" + String.join(" --", o.keySet()));
      Object d = o.get(key);
      String next = i + 1 < a.length ? a[i + 1] : null;
      if (d instanceof Boolean) {
        if ("true".equals(next) || "false".equals(next)) { o.put(key, next.equals("true")); i++; } else o.put(key, true);
        continue;
      }
      if (next == null) throw new IllegalArgumentException(a[i] + " needs a value");
      i++;
      if (d instanceof List) { for (String s : next.split(",")) if (!s.isEmpty()) ((List<Object>) d).add(s); }
      else o.put(key, d instanceof Long ? Long.valueOf(next) : next);
    }
  }
  static int num(String k) { return ((Long) o.get(k)).intValue(); }
  static String str(String k) { return (String) o.get(k); }
  static boolean flag(String k) { return (Boolean) o.get(k); }
  static Map<String, Object> map(Object... kv) {
    Map<String, Object> m = new LinkedHashMap<>();
    for (int i = 0; i < kv.length; i += 2) m.put((String) kv[i], kv[i + 1]);
    return m;
  }
  static PrintStream out;
  static void say(Object v) { String s = Json.write(v); synchronized (out) { out.println(s); out.flush(); } }

  // ---- values: as bt-peer's toV/fromV ("hex:…" is bytes, other strings are UTF-8; bytes come back as latin1) ----
  static byte[] unhex(String s) { return HexFormat.of().parseHex(s); }
  static String hex(byte[] b) { return HexFormat.of().formatHex(b); }
  static Object toV(Object v) {
    if (v instanceof String) return ((String) v).startsWith("hex:") ? unhex(((String) v).substring(4)) : ((String) v).getBytes(StandardCharsets.UTF_8);
    if (v instanceof Long) return v;
    if (v instanceof List) return ((List<?>) v).stream().map(MldhtPeer::toV).collect(Collectors.toList());
    if (v instanceof Map) {
      Map<String, Object> m = new TreeMap<>();
      ((Map<?, ?>) v).forEach((k, x) -> m.put(new String(k.toString().getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1), toV(x)));
      return m;
    }
    throw new IllegalArgumentException("v cannot be bencoded: " + v);
  }
  static Object fromV(Object v) {
    if (v instanceof byte[]) return new String((byte[]) v, StandardCharsets.ISO_8859_1);
    if (v instanceof ByteBuffer) return fromV(bytes((ByteBuffer) v));
    if (v instanceof List) return ((List<?>) v).stream().map(MldhtPeer::fromV).collect(Collectors.toList());
    if (v instanceof Map) { Map<String, Object> m = new LinkedHashMap<>(); ((Map<?, ?>) v).forEach((k, x) -> m.put(k.toString(), fromV(x))); return m; }
    return v;
  }
  static byte[] bytes(ByteBuffer b) { byte[] r = new byte[b.remaining()]; b.duplicate().get(r); return r; }
  static InetSocketAddress addr(String s) throws Exception {
    int c = s.lastIndexOf(':');
    String h = s.substring(0, c).replace("[", "").replace("]", "");
    if (!h.matches("[0-9.]+") && !h.matches("[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) throw new IllegalArgumentException("not an IP address: " + h);
    return new InetSocketAddress(InetAddress.getByName(h), Integer.parseInt(s.substring(c + 1)));
  }
  static String show(InetSocketAddress a) {
    String h = a.getAddress().getHostAddress();
    return (h.indexOf(':') >= 0 ? "[" + h + "]" : h) + ":" + a.getPort();
  }

  // ---- the spam throttle, with a switch ----
  static volatile boolean throttled;
  static final class Gate extends SpamThrottle {
    @Override public boolean addAndTest(InetAddress a) { return throttled && super.addAndTest(a); }
    @Override public boolean test(InetAddress a) { return throttled && super.test(a); }
    @Override public int calculateDelayAndAdd(InetAddress a) { return throttled ? super.calculateDelayAndAdd(a) : 0; }
  }
  static void inject(Object target, String field, Object value) throws ReflectiveOperationException {
    Field f = target.getClass().getDeclaredField(field);
    f.setAccessible(true);
    f.set(target, value);
  }

  // ---- nodes ----
  static final List<Peer> nodes = new ArrayList<>();

  static final class Peer {
    final DHT dht; final InetAddress bind; final int port; final Deque<Map<String, Object>> errors = new ConcurrentLinkedDeque<>();
    List<String> boot;
    Peer(InetAddress bind, int port) { this.bind = bind; this.port = port; dht = new DHT(bind instanceof Inet6Address ? DHTtype.IPV6_DHT : DHTtype.IPV4_DHT); }

    void start(String id, Path keep) throws Exception {
      try (DatagramSocket probe = new DatagramSocket(null)) {           // mldht only prints a failed bind, and sets SO_REUSEADDR
        probe.setReuseAddress(false); probe.bind(new InetSocketAddress(bind, port));
      }
      Path tmp = keep == null ? Files.createTempDirectory("mldht") : Files.createDirectories(keep);
      Path key = tmp.resolve("baseID.config");
      if (!id.isEmpty()) Files.write(key, List.of(id.toUpperCase()));
      dht.setScheduler(new NonblockingScheduledExecutor("mlDHT " + where(), num("threads") > 0 ? num("threads") : Math.max(Runtime.getRuntime().availableProcessors(), 4), (t, e) -> e.printStackTrace()));
      AddressUtils.allowBind(bind);
      dht.start(new DHTConfiguration() {
        public boolean isPersistingID() { return true; }
        public Path getStoragePath() { return tmp; }
        public int getListeningPort() { return port; }
        public boolean noRouterBootstrap() { return true; }
        public boolean allowMultiHoming() { return false; }
        public Predicate<InetAddress> filterBindAddress() { return bind::equals; }
      });
      if (keep == null) { Files.deleteIfExists(key); Files.deleteIfExists(tmp); }   // without it nothing is kept
      Gate out = new Gate();
      inject(dht.getServerManager(), "outgoingThrottle", out);
      inject(srv(), "requestThrottle", out);
      inject(srv(), "throttle", new Gate());
      srv().onEnqueue(call -> call.addListener(new RPCCallListener() {
        @Override public void stateTransition(RPCCall c, RPCState was, RPCState now) {
          if (now != RPCState.ERROR || !(c.getResponse() instanceof ErrorMessage)) return;
          ErrorMessage e = (ErrorMessage) c.getResponse();
          errors.add(map("method", c.getMessageMethod().toString().toLowerCase(), "addr", show(c.getRequest().getDestination()), "code", e.getCode(), "message", e.getMessage()));
          while (errors.size() > 200) errors.poll();
        }
      }));
      long end = System.nanoTime() + 5_000_000_000L;
      while (srv().getPublicAddress() == null) {                        // bound in the background
        if (System.nanoTime() > end) throw new IllegalStateException("not bound: " + where());
        Thread.sleep(5);
      }
    }
    RPCServer srv() {
      RPCServer s = dht.getServerManager() == null ? null : dht.getServerManager().getRandomServer();
      if (s == null) throw new IllegalStateException("no socket");
      return s;
    }
    String where() { return show(new InetSocketAddress(bind, port)); }
    String id() { return srv().getDerivedID().toString(false).toLowerCase(); }
    int table() { return dht.getNode().table().stream().mapToInt(e -> e.getBucket().getNumEntries()).sum(); }
    Map<String, Object> info() { return map("id", id(), "addr", where(), "table", table()); }

    /** One query to one address; the answer, or the remote error or a timeout as an exception. */
    MessageBase call(MessageBase q, InetSocketAddress to, Key expect, long ms) throws Exception {
      q.setDestination(to);
      CompletableFuture<MessageBase> f = new CompletableFuture<>();
      RPCCall c = new RPCCall(q);
      if (expect != null) c.setExpectedID(expect);
      c.addListener(new RPCCallListener() {
        @Override public void stateTransition(RPCCall c, RPCState was, RPCState now) {
          if (now == RPCState.RESPONDED) f.complete(c.getResponse());
          else if (now == RPCState.ERROR) {
            MessageBase m = c.getResponse();
            f.completeExceptionally(new Exception(m instanceof ErrorMessage ? "error " + ((ErrorMessage) m).getCode() + ": " + ((ErrorMessage) m).getMessage() : "error"));
          } else if (now == RPCState.TIMEOUT) f.completeExceptionally(new Exception("timeout"));
        }
      });
      RPCServer s = srv();
      dht.getScheduler().execute(() -> s.doCall(c));                    // on the node's own thread: see --threads
      try { return f.get(ms, TimeUnit.MILLISECONDS); }
      catch (TimeoutException e) { throw new Exception("no reply from " + show(to) + " in " + ms + " ms"); }
      catch (ExecutionException e) { throw (Exception) e.getCause(); }
    }
    <Q extends AbstractLookupRequest> Q want(Q q) { q.setWant4(dht.getType() == DHTtype.IPV4_DHT); q.setWant6(dht.getType() == DHTtype.IPV6_DHT); return q; }

    /** Runs a task of mldht to its end; true if it ended by itself. Killed after ms, or when it hangs with nothing
     *  outstanding: a get reply without "nodes" is a NullPointerException in GetLookupTask, after which the task is
     *  not looked at again unless another reply comes. */
    boolean run(Task t, long ms) throws Exception {
      CountDownLatch done = new CountDownLatch(1);
      t.addListener(x -> done.countDown());
      dht.getTaskManager().addTask(t, true);
      dht.getTaskManager().dequeue();                                   // else it waits for the next second's tick
      long end = System.nanoTime() + ms * 1_000_000;
      for (int idle = 0, sent = 0; System.nanoTime() < end && idle < 3; ) {
        if (done.await(100, TimeUnit.MILLISECONDS)) return true;
        boolean hangs = t.getSentReqs() > 0 && t.getSentReqs() == sent && t.getNumOutstandingRequests() == 0;
        idle = hangs ? idle + 1 : 0;
        sent = t.getSentReqs();
      }
      t.kill();
      return false;
    }
    /** Ask the given nodes for our own id, then look ourselves up from what they said: what a join is made of. */
    Map<String, Object> bootstrap(List<String> addrs, long ms) throws Exception {
      Map<Key, KBucketEntry> seeds = new ConcurrentHashMap<>();
      Key own = srv().getDerivedID();
      List<Thread> ts = new ArrayList<>();
      for (String a : addrs) {
        InetSocketAddress to = addr(a);
        if (!dht.getType().canUseSocketAddress(to)) continue;
        Thread t = new Thread(() -> {
          try {
            FindNodeResponse r = (FindNodeResponse) call(want(new FindNodeRequest(own)), to, null, Math.min(ms, 4000));
            seeds.put(r.getID(), new KBucketEntry(to, r.getID()));
            NodeList l = r.getNodes(dht.getType());
            if (l != null) l.entries().filter(e -> !AddressUtils.isBogon(e.getAddress()) && !e.getID().equals(own)).forEach(e -> seeds.putIfAbsent(e.getID(), e));
          } catch (Exception e) { say(map("event", "warning", "node", nodes.indexOf(this), "error", "bootstrap " + a + ": " + e.getMessage())); }
        });
        ts.add(t); t.start();
      }
      for (Thread t : ts) t.join();
      if (!seeds.isEmpty()) {
        NodeLookup l = new NodeLookup(own, srv(), dht.getNode(), true);
        l.injectCandidates(seeds.values());
        run(l, ms);
        if (table() > 10) dht.getNode().fillBuckets();                  // as mldht does; goes on in the background
      }
      return info();
    }
    Map<String, Object> stats(Task t, boolean ended) {
      Map<String, Object> m = map("visited", t.getRecvResponses(), "sent", t.getSentReqs(), "failed", t.getFailedReqs());
      if (!ended) m.put("killed", true);
      return m;
    }
    Map<String, Object> put(StorageItem it, byte[] salt, long cas, long ms) throws Exception {
      Key target = it.fingerprint();
      GetLookupTask g = new GetLookupTask(target, srv(), dht.getNode());
      g.expectedSalt(salt);
      run(g, ms);
      Map<KBucketEntry, byte[]> tokens = g.getTokens();
      errors.clear();
      int stored;
      if (cas < 0) {
        PutTask p = new PutTask(srv(), dht.getNode(), tokens, it);
        run(p, ms);
        stored = p.getRecvResponses();
      } else {                                                          // PutTask has no cas
        List<Map.Entry<KBucketEntry, byte[]>> near = new ArrayList<>(tokens.entrySet());
        near.sort((x, y) -> target.threeWayDistance(x.getKey().getID(), y.getKey().getID()));
        stored = (int) near.stream().limit(8).parallel().filter(e -> {
          PutRequest q = new PutRequest();
          q.populateFromStorage(it); q.setToken(e.getValue()); q.setExpectedSequenceNumber(cas);
          try { call(q, e.getKey().getAddress(), e.getKey().getID(), ms); return true; } catch (Exception x) { return false; }
        }).count();
      }
      return map("target", target.toString(false).toLowerCase(), "stored", stored, "tokens", tokens.size(), "errors", new ArrayList<>(errors));
    }
  }

  // ---- commands ----
  interface Handler { Object run(Map<String, Object> r) throws Exception; }
  static final Map<String, Handler> handlers = new LinkedHashMap<>();
  static Peer N(Map<String, Object> r) { return nodes.get((int) num(r, "node", 0)); }
  static long num(Map<String, Object> r, String k, long d) { return r.get(k) instanceof Number ? ((Number) r.get(k)).longValue() : d; }
  static boolean is(Map<String, Object> r, String k, boolean d) { return r.get(k) instanceof Boolean ? (Boolean) r.get(k) : d; }
  static String need(Map<String, Object> r, String k) {
    if (!(r.get(k) instanceof String)) throw new IllegalArgumentException("missing " + k);
    return (String) r.get(k);
  }
  static long limit(Map<String, Object> r) { return num(r, "timeout", 25) * 1000; }
  static byte[] salt(Map<String, Object> r) { return r.get("salt") == null || need(r, "salt").isEmpty() ? null : (byte[]) toV(r.get("salt")); }
  static Key key(Map<String, Object> r, String k) { return new Key(unhex(need(r, k))); }
  static String low(Key k) { return k.toString(false).toLowerCase(); }

  static {
    handlers.put("info", r -> nodes.stream().map(p -> {
      Map<String, Object> m = p.info();
      m.put("received", p.srv().getNumReceived()); m.put("sent", p.srv().getNumSent());
      m.put("reachable", p.dht.getServerManager().getActiveServerCount() > 0); m.put("throttle", throttled);
      return m;
    }).collect(Collectors.toList()));
    // {all:true}: also the replacement entries (contacts that were never verified, or found their bucket full)
    handlers.put("nodes", r -> {
      List<Object> l = new ArrayList<>();
      N(r).dht.getNode().table().stream().forEach(e -> {
        e.getBucket().entriesStream().forEach(x -> l.add(map("id", low(x.getID()), "addr", show(x.getAddress()), "verified", x.verifiedReachable())));
        if (is(r, "all", false)) e.getBucket().getReplacementEntries().forEach(x -> l.add(map("id", low(x.getID()), "addr", show(x.getAddress()), "verified", x.verifiedReachable(), "replacement", true)));
      });
      return l;
    });
    handlers.put("add_node", r -> { N(r).call(new PingRequest(), addr(need(r, "addr")), null, Math.min(limit(r), 10000)); return true; });
    // {addrs?:[…]}
    handlers.put("rebootstrap", r -> {
      Peer p = N(r);
      List<String> l = r.get("addrs") instanceof List ? ((List<?>) r.get("addrs")).stream().map(Object::toString).collect(Collectors.toList()) : p.boot;
      return p.bootstrap(l, limit(r));
    });
    // {infohash, noseeds?, fast?, cache?} -> {peers:[…], visited:n, sent, failed}
    handlers.put("get_peers", r -> {
      Peer p = N(r);
      PeerLookupTask t = new PeerLookupTask(p.srv(), p.dht.getNode(), key(r, "infohash"));
      t.setNoAnnounce(true); t.setNoSeeds(is(r, "noseeds", false)); t.useCache(is(r, "cache", true));
      if (is(r, "fast", false)) t.setFastTerminate(true);
      boolean ended = p.run(t, limit(r));
      Map<String, Object> m = p.stats(t, ended);
      m.put("peers", t.getReturnedItems().stream().map(x -> show(x.toSocketAddress())).sorted().collect(Collectors.toList()));
      return m;
    });
    // {infohash, port (0: the DHT port; mldht never sends implied_port), seed?}
    handlers.put("announce", r -> {
      Peer p = N(r);
      PeerLookupTask t = new PeerLookupTask(p.srv(), p.dht.getNode(), key(r, "infohash"));
      boolean ended = p.run(t, limit(r));
      int port = (int) num(r, "port", 0);
      AnnounceTask a = new AnnounceTask(t.getRPC(), p.dht.getNode(), t.getInfoHash(), port == 0 ? p.port : port, t.getAnnounceCanidates());
      a.setSeed(is(r, "seed", false));
      p.errors.clear();
      p.run(a, limit(r));
      Map<String, Object> m = p.stats(t, ended);
      m.put("stored", a.getRecvResponses()); m.put("tokens", t.getAnnounceCanidates().size()); m.put("errors", new ArrayList<>(p.errors));
      return m;
    });
    // {infohash}: BEP 33; seeds and peers are estimates from the bloom filters
    handlers.put("scrape", r -> {
      Peer p = N(r);
      PeerLookupTask t = new PeerLookupTask(p.srv(), p.dht.getNode(), key(r, "infohash"));
      ScrapeResponseHandler h = new ScrapeResponseHandler();
      t.setScrapeHandler(h); t.setNoAnnounce(true);
      boolean ended = p.run(t, limit(r));
      synchronized (h) { h.process(); }
      Map<String, Object> m = p.stats(t, ended);
      m.put("seeds", h.getScrapedSeeds()); m.put("peers", h.getScrapedPeers()); m.put("direct", h.getDirectResultCount());
      m.put("responses", h.numResponses()); m.put("supporting", h.numResponsesSupportingScrape());
      return m;
    });
    // {addr, target?}: one node; without addr: mldht's crawl of the whole key space
    handlers.put("sample_infohashes", r -> {
      Peer p = N(r);
      if (r.get("addr") != null) {
        SampleRequest q = p.want(new SampleRequest(r.get("target") == null ? Key.createRandomKey() : key(r, "target")));
        SampleResponse s = (SampleResponse) p.call(q, addr(need(r, "addr")), null, Math.min(limit(r), 10000));
        NodeList l = s.getNodes(p.dht.getType());
        return map("samples", s.remoteSupportsSampling() ? s.getSamples().stream().map(MldhtPeer::low).collect(Collectors.toList()) : null,
          "num", s.num(), "interval", s.interval(), "nodes", l == null ? 0 : l.entries().count());
      }
      Prefix all = new Prefix();
      NodeLookup seed = new NodeLookup(all.first(), p.srv(), p.dht.getNode(), false);
      p.run(seed, limit(r));
      Set<String> found = ConcurrentHashMap.newKeySet();
      Set<String> from = ConcurrentHashMap.newKeySet();
      KeyspaceSampler t = new KeyspaceSampler(p.srv(), p.dht.getNode(), all, seed, (c, k) -> { found.add(low(k)); from.add(show(c.getRequest().getDestination())); });
      boolean ended = p.run(t, limit(r));
      Map<String, Object> m = p.stats(t, ended);
      m.put("samples", new TreeSet<>(found)); m.put("nodes", from.size());
      return m;
    });
    handlers.put("ping", r -> {
      Peer p = N(r);
      long t0 = System.nanoTime();
      MessageBase m = p.call(new PingRequest(), addr(need(r, "addr")), null, Math.min(limit(r), 10000));
      return map("id", low(m.getID()), "version", m.getVersion().map(MldhtPeer::hex).orElse(null), "ip", m.getPublicIP() == null ? null : show(m.getPublicIP()), "rtt_ms", (System.nanoTime() - t0) / 1e6);
    });
    // {v}
    handlers.put("put_immutable", r -> N(r).put(GenericStorage.buildImmutable(toV(r.get("v"))), null, -1, limit(r)));
    // {seed (32 bytes hex), v, seq, salt?, cas?}
    handlers.put("put_mutable", r -> {
      EdDSAPrivateKey k = new EdDSAPrivateKey(new EdDSAPrivateKeySpec(unhex(need(r, "seed")), StorageItem.spec));
      byte[] salt = salt(r);
      Map<String, Object> m = N(r).put(GenericStorage.buildMutable(toV(r.get("v")), k, salt, num(r, "seq", 1)), salt, num(r, "cas", -1), limit(r));
      m.put("k", hex(k.getAbyte()));
      return m;
    });
    // {target, salt?, seq?} -> {v, seq, k, …} or null
    handlers.put("get", r -> {
      Peer p = N(r);
      GetLookupTask t = new GetLookupTask(key(r, "target"), p.srv(), p.dht.getNode());
      t.expectedSalt(salt(r));
      if (r.get("seq") != null) t.setSequence(num(r, "seq", -1));
      ConcurrentLinkedDeque<StorageItem> got = new ConcurrentLinkedDeque<>();
      t.setValueConsumer(got::add);
      boolean ended = p.run(t, limit(r));
      StorageItem it = got.stream().max(Comparator.comparingLong(StorageItem::seq)).orElse(null);
      if (it == null) return null;
      Map<String, Object> m = p.stats(t, ended);
      m.put("v", fromV(new BDecoder().decodeAny(ByteBuffer.wrap(bytes(it.getRawValue()))))); m.put("raw", hex(bytes(it.getRawValue())));
      if (it.mutable()) { m.put("seq", it.seq()); m.put("k", hex(bytes(it.pubKey().get()))); m.put("sig", hex(bytes(it.sig().get()))); }
      return m;
    });
    // what this node stores for others
    handlers.put("stored", r -> {
      Peer p = N(r);
      Map<String, Object> peers = new TreeMap<>(), items = new TreeMap<>();
      p.dht.getDatabase().getData().forEach((k, v) -> peers.put(low(k), map(
        "peers", v.peers().stream().map(x -> show(x.toSocketAddress())).sorted().collect(Collectors.toList()),
        "seeds", v.seeds().stream().map(x -> show(x.toSocketAddress())).sorted().collect(Collectors.toList()))));
      p.dht.getStorage().getItems().forEach((k, v) -> items.put(low(k), map("mutable", v.mutable(), "seq", v.mutable() ? v.seq() : null, "bytes", v.getRawValue().remaining())));
      return map("peers", peers, "items", items);
    });
    // {on: bool}: the spam throttle of all nodes of this process
    handlers.put("throttle", r -> throttled = is(r, "on", true));
    // error messages that others sent in reply to our queries since the last put, announce or errors
    handlers.put("errors", r -> { List<Object> l = new ArrayList<>(N(r).errors); N(r).errors.clear(); return l; });
  }

  static void serve(String line) {
    Map<String, Object> req;
    try {
      Object v = Json.parse(line);
      if (!(v instanceof Map)) throw new IllegalArgumentException("not an object");
      @SuppressWarnings("unchecked") Map<String, Object> m = (Map<String, Object>) v;
      req = m;
    } catch (RuntimeException e) { say(map("ok", false, "error", "bad JSON: " + e.getMessage())); return; }
    Object id = req.get("id");
    Handler h = handlers.get(String.valueOf(req.get("cmd")));
    if (h == null) { say(map("id", id, "ok", false, "error", "unknown cmd " + req.get("cmd") + "; have " + String.join(" ", handlers.keySet()))); return; }
    long t0 = System.nanoTime();
    try { Object v = h.run(req); say(map("id", id, "ok", true, "result", v, "ms", (System.nanoTime() - t0) / 1e6)); }
    catch (Throwable e) { say(map("id", id, "ok", false, "error", String.valueOf(e.getMessage()), "name", e.getClass().getSimpleName(), "ms", (System.nanoTime() - t0) / 1e6)); }
  }

  static void quit(int code) {
    Thread t = new Thread(() -> {
      for (Peer p : nodes) try { p.dht.stop(); } catch (RuntimeException e) { /* halting anyway */ }
    });
    t.setDaemon(true); t.start();
    try { t.join(3000); } catch (InterruptedException e) { /* halting anyway */ }
    Runtime.getRuntime().halt(code);
  }

  public static void main(String[] a) throws Exception {
    out = System.out;
    System.setOut(System.err);                                          // mldht's own prints stay out of the protocol
    args(a);
    throttled = flag("throttle");
    DHT.setLogger(new DHTLogger() {
      public void log(String s, DHT.LogLevel l) { System.err.println(l + " " + s); }
      public void log(Throwable e, DHT.LogLevel l) { e.printStackTrace(); }
    });
    String lv = str("log");
    DHT.setLogLevel(DHT.LogLevel.valueOf(lv.substring(0, 1).toUpperCase() + lv.substring(1).toLowerCase()));
    Arrays.fill(DHTConstants.UNRESOLVED_BOOTSTRAP_NODES, InetSocketAddress.createUnresolved("127.0.0.1", 9));   // it resolves these even if told not to use them
    sun.misc.Signal.handle(new sun.misc.Signal("TERM"), s -> quit(0));
    sun.misc.Signal.handle(new sun.misc.Signal("INT"), s -> quit(0));
    try {
      int count = num("count");
      for (int v6 = 0; v6 < (str("host6").isEmpty() ? 1 : 2); v6++) {
        for (int i = 0; i < count; i++) {
          byte[] ip = addr((v6 == 0 ? str("host") : str("host6")) + ":1").getAddress().getAddress();
          if (flag("ips")) for (int k = ip.length - 1, c = i; k >= 0 && c > 0; k--) { c += ip[k] & 0xff; ip[k] = (byte) c; c >>= 8; }
          nodes.add(new Peer(InetAddress.getByAddress(ip), flag("ips") ? num("port") : num("port") + i));
        }
      }
      for (int i = 0; i < nodes.size() && nodes.size() > count; i++) nodes.get(i).dht.addSiblings(List.of(nodes.get((i + count) % nodes.size()).dht));
      @SuppressWarnings("unchecked") List<String> given = (List<String>) o.get("bootstrap");
      for (int i = 0; i < nodes.size(); i++) {
        Peer p = nodes.get(i);
        String id = !str("nodeid").isEmpty() && i % count == 0 ? str("nodeid") : str("dir").isEmpty() && i >= count ? nodes.get(i - count).id() : "";
        p.start(id, str("dir").isEmpty() ? null : Path.of(str("dir"), String.valueOf(i)));
        p.boot = !given.isEmpty() ? given : i % count > 0 ? List.of(nodes.get(i - i % count).where()) : List.of();
        if (!p.boot.isEmpty()) p.bootstrap(p.boot, 5000);
      }
    } catch (Exception e) {
      say(map("event", "error", "error", String.valueOf(e)));
      quit(1);
    }
    say(map("event", "ready", "impl", "mldht", "version", "bt-dht 1.10", "nodes", nodes.stream().map(Peer::info).collect(Collectors.toList())));
    ExecutorService pool = Executors.newCachedThreadPool(r -> { Thread t = new Thread(r); t.setDaemon(true); return t; });
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line; (line = in.readLine()) != null; ) {
      if (line.isBlank()) continue;
      String l = line;
      if (l.contains("\"quit\"")) {
        try {
          Object v = Json.parse(l);
          if (v instanceof Map && "quit".equals(((Map<?, ?>) v).get("cmd"))) { say(map("id", ((Map<?, ?>) v).get("id"), "ok", true)); quit(0); }
        } catch (RuntimeException e) { /* answered by serve */ }
      }
      pool.execute(() -> serve(l));
    }
    if (!flag("daemon")) quit(0);
    new CountDownLatch(1).await();
  }
}
