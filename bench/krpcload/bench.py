#!/usr/bin/env python3
"""Throughput of Mainline servers side by side: the server pinned to CPU 1, the generator (krpcload) to CPU 0.

  bench.py [--only echo,krpc,kadath,rtorrent,lt] [--ops ping,find_node,...] [-d SECONDS] [-w OUTSTANDING] [--repeat N] [--json FILE]

echo and krpc are C programs (udpecho.c): the physical limit, and the same with a fixed reply of eight nodes. kadath is
Kadath.Bench serve, rtorrent and lt (libtorrent) the foreign peers that tests/Interop/peers/setup.sh installs. A crowd of 20
idle Kadath nodes on CPU 0 fills the routing tables. Rounds go over all servers before they repeat, so that a noisy moment
hits all alike; `foreign` is CPU time that neither server nor generator used: above a tenth, do not trust the row.
Build first: make; dotnet publish bench/Kadath.Bench -c Release -r linux-x64 --self-contained false -p:PublishReadyToRun=true -o bench/krpcload/run/kadath
"""
import argparse, json, os, subprocess, sys, time
HERE = os.path.dirname(os.path.abspath(__file__)); PEERS = os.path.join(HERE, '../../tests/Interop/peers')
ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
ap.add_argument('--only', default='echo,krpc,kadath,rtorrent,lt')
ap.add_argument('--ops', default='ping,find_node,get_peers,get_peers+peers,announce,get,put,mix')
ap.add_argument('-d', type=float, default=3); ap.add_argument('-w', type=int, default=64); ap.add_argument('--warm', type=float, default=1)
ap.add_argument('--repeat', type=int, default=1); ap.add_argument('--json'); ap.add_argument('--settle', type=float, default=5); ap.add_argument('--prime', type=float, default=6, help='seconds of mixed load before a server is measured: compilers and caches'); ap.add_argument('--crowd', type=float, default=30, help='seconds in which the crowd knits itself together')
ap.add_argument('--kadath', default=os.path.join(HERE, 'run/kadath/Kadath.Bench'))
o = ap.parse_args()
PIN1, PIN0 = ['taskset', '-c', '1'], ['taskset', '-c', '0']
OPS = {'ping': ['-q', 'ping'], 'find_node': ['-q', 'find_node'], 'get_peers': ['-q', 'get_peers'],
       'get_peers+peers': ['-q', 'get_peers', '-p', '500', '-P', '20'], 'announce': ['-q', 'announce', '-k', '1000'],
       'get': ['-q', 'get', '-p', '500'], 'put': ['-q', 'put', '-k', '500'],
       'mix': ['-q', 'ping=10,find_node=40,get_peers=40,announce=10']}

def ticks(pid):
    "user and kernel time of a process, seconds"
    f = open('/proc/%d/stat' % pid).read().rsplit(')', 1)[1].split(); return [int(x) / os.sysconf('SC_CLK_TCK') for x in f[11:13]]

def piped(args, **kw):
    p = subprocess.Popen(args, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, **kw); line = p.stdout.readline()
    if not line: sys.exit('did not start: ' + ' '.join(args))
    return p

def start(name):
    if name in ('echo', 'krpc'): return subprocess.Popen([HERE + '/udpecho', '127.0.0.1', '20110', 'mmsg' if name == 'echo' else 'krpc', '1']), '127.0.0.1:20110'
    if name == 'kadath': return piped(PIN1 + [o.kadath, 'serve', '20111', '1', '127.0.0.1:20001'], stderr=open(HERE + '/run/kadath.err', 'w')), '127.0.0.1:20111'
    if name == 'lt': return piped(PIN1 + ['/usr/bin/python3', PEERS + '/lt-peer.py', '--host', '127.0.0.1', '--port', '20112', '--bootstrap', '127.0.0.1:20001'], stderr=subprocess.DEVNULL), '127.0.0.1:20112'
    if name == 'rtorrent':
        d = HERE + '/run/rtorrent'; os.makedirs(d + '/watch', exist_ok=True)
        # It answers find_node with eight nodes only once it looks something up, for which it wants a torrent.
        meta = 'magnet:?xt=urn:btih:' + 'ef' * 20
        open(d + '/watch/one.torrent', 'wb').write(b'd10:magnet-uri%d:%se' % (len(meta), meta.encode()))
        boot = ','.join('127.0.0.1:%d' % (20001 + i) for i in range(20))
        p = subprocess.Popen(PIN1 + [PEERS + '/rtorrent-node.sh', d, '127.0.0.1', '20113', boot], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(12); return p, '127.0.0.1:20113'
    sys.exit('unknown server ' + name)

def stop(p):
    if p.stdin: p.stdin.close()
    else: p.terminate()
    try: p.wait(8)
    except subprocess.TimeoutExpired: p.kill(); p.wait(5)

def run(name, op, addr, pid, rep):
    cmd = [HERE + '/krpcload', '-t', addr, '-w', str(o.w), '-d', str(o.d), '-W', str(o.warm), '-C', '0', '-X', '1', '-j', '-s', '8', '-A', '8', '-a', '127.0.50.1', '-x', str(pid)]
    a = ticks(pid); p = subprocess.run(cmd + (['-e'] if name == 'echo' else []) + OPS[op], capture_output=True, text=True, timeout=o.d + 90); b = ticks(pid)
    try: r = json.loads(p.stdout)
    except ValueError: print(name, op, 'failed', p.stderr[-200:]); return None
    used = max(0.01, sum(b) - sum(a))
    # The process's own time over the measured window, split as over the whole run: what others take of the CPU meanwhile does not count.
    r['user_ns'], r['kernel_ns'] = (1e9 / max(1, r['replies_per_cpu_s']) * (y - x) / used for x, y in zip(a, b))
    r.update(server=name, opname=op, repeat=rep, foreign=max(r['other_cpu0'], r['other_cpu1']))
    print('%-9s %-16s %8.0f replies/s  busy %3.0f%%  per CPU s %8.0f  timeouts %-5d errors %-5d p50 %6.1f p99 %7.1f us  reply %4.0f B  gen idle %2.0f%%  foreign %2.0f%%  user %5.0f kernel %5.0f ns' % (
        name, op, r['qps'], 100 * r['cpu_busy'], r['replies_per_cpu_s'], r['timeouts'], r['errors'], r['p50_us'], r['p99_us'], r['reply_bytes'], 100 * r['generator_idle'], 100 * r['foreign'], r['user_ns'], r['kernel_ns']), flush=True)
    return r

os.makedirs(HERE + '/run', exist_ok=True)
crowd = piped(PIN0 + [o.kadath, 'serve', '20001', '20'], stderr=subprocess.DEVNULL); results = []; time.sleep(o.crowd)
try:
    for rep in range(o.repeat):
        for name in o.only.split(','):
            p, addr = start(name)
            try:
                time.sleep(0.5 if name in ('echo', 'krpc') else o.settle)
                if name not in ('echo', 'krpc'):
                    subprocess.run([HERE + '/krpcload', '-t', addr, '-w', str(o.w), '-d', str(o.prime), '-C', '0', '-j', '-s', '8', '-A', '8', '-a', '127.0.50.1'] + OPS['mix'], capture_output=True)
                for op in o.ops.split(','):
                    if (name in ('echo', 'krpc') and op not in ('ping', 'find_node')) or (name == 'rtorrent' and op in ('get', 'put')): continue
                    r = run(name, op, addr, p.pid, rep)
                    if r: results.append(r)
            finally: stop(p)
finally:
    stop(crowd)
    if o.json: json.dump(results, open(o.json, 'w'), indent=1)
print('\nns of the server process per reply: median (least) of user + kernel')
for op in o.ops.split(','):
    cells = []
    for name in o.only.split(','):
        rows = sorted((r['user_ns'] + r['kernel_ns'], r['user_ns'], r['kernel_ns']) for r in results if (r['server'], r['opname']) == (name, op))
        if rows: m = rows[len(rows) // 2]; cells.append('%s %.0f = %.0f + %.0f (%.0f = %.0f + %.0f)' % ((name,) + m + rows[0]))
    print('%-16s %s' % (op, ' | '.join(cells)))
