package main

// The control protocol of all peers here (see ../jsonpeer.mjs): one JSON object per line.
//   request  {"id":1,"cmd":"put",…}
//   response {"id":1,"ok":true,"result":…,"ms":12.3} | {"id":1,"ok":false,"error":"…","ms":…}
//   events   {"event":"ready",…}, unsolicited
// The process ends on quit, SIGTERM/SIGINT, or stdin EOF (unless --daemon).

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

type M = map[string]any

// ---- flags: --key value | --flag ; list flags repeat or take commas -------------------------

type Flags struct {
	str  map[string]string
	num  map[string]float64
	flag map[string]bool
	list map[string][]string
}

// parseFlags: defaults by type (string, int, bool, []string). Unknown flags are an error.
func parseFlags(argv []string, defaults M) *Flags {
	f := &Flags{map[string]string{}, map[string]float64{}, map[string]bool{}, map[string][]string{}}
	defaults["daemon"] = false
	for k, d := range defaults {
		switch v := d.(type) {
		case string:
			f.str[k] = v
		case int:
			f.num[k] = float64(v)
		case bool:
			f.flag[k] = v
		case []string:
			f.list[k] = v
		}
	}
	seen := map[string]bool{}
	for i := 0; i < len(argv); i++ {
		if !strings.HasPrefix(argv[i], "--") {
			die("unexpected argument " + argv[i])
		}
		k := argv[i][2:]
		d, ok := defaults[k]
		if !ok {
			die("unknown option --" + k)
		}
		if _, isBool := d.(bool); isBool {
			f.flag[k] = true
			if i+1 < len(argv) {
				switch argv[i+1] {
				case "true", "on":
					i++
				case "false", "off":
					f.flag[k] = false
					i++
				}
			}
			continue
		}
		i++
		if i >= len(argv) {
			die("--" + k + " needs a value")
		}
		switch d.(type) {
		case []string:
			if !seen[k] {
				f.list[k] = nil
			}
			for _, s := range strings.Split(argv[i], ",") {
				if s != "" {
					f.list[k] = append(f.list[k], s)
				}
			}
		case int:
			n, err := strconv.ParseFloat(argv[i], 64)
			if err != nil {
				die("--" + k + ": " + err.Error())
			}
			f.num[k] = n
		default:
			f.str[k] = argv[i]
		}
		seen[k] = true
	}
	return f
}

func (f *Flags) Str(k string) string    { return f.str[k] }
func (f *Flags) Int(k string) int       { return int(f.num[k]) }
func (f *Flags) Bool(k string) bool     { return f.flag[k] }
func (f *Flags) List(k string) []string { return f.list[k] }

func die(s string) {
	fmt.Fprintln(os.Stderr, "gopeer:", s)
	os.Exit(2)
}

func check(err error, what string) {
	if err != nil {
		die(what + ": " + err.Error())
	}
}

// mustLoopback ends the process unless the address is inside 127.0.0.0/8 or ::1.
func mustLoopback(host string) {
	a, err := netip.ParseAddr(host)
	if err != nil || !a.IsLoopback() {
		die("only loopback addresses are allowed, not " + host)
	}
}

// loopbackHostPort checks "ip:port" at run time (commands).
func loopbackHostPort(s string) (netip.AddrPort, error) {
	ap, err := netip.ParseAddrPort(s)
	if err != nil {
		return ap, err
	}
	if !ap.Addr().Unmap().IsLoopback() {
		return ap, errors.New("only loopback addresses are allowed, not " + s)
	}
	return ap, nil
}

// ---- output ---------------------------------------------------------------------------------

var (
	outMu sync.Mutex
	out   = bufio.NewWriterSize(os.Stdout, 1<<16)
)

func say(v any) {
	b, err := json.Marshal(v)
	if err != nil {
		b, _ = json.Marshal(M{"event": "error", "error": "cannot encode: " + err.Error()})
	}
	outMu.Lock()
	defer outMu.Unlock()
	out.Write(b)
	out.WriteByte('\n')
	out.Flush()
}

func logf(format string, a ...any) { fmt.Fprintf(os.Stderr, format+"\n", a...) }

// ---- requests -------------------------------------------------------------------------------

type Req map[string]any

func (r Req) Has(k string) bool { v, ok := r[k]; return ok && v != nil }
func (r Req) Str(k string) string {
	if s, ok := r[k].(string); ok {
		return s
	}
	return ""
}
func (r Req) Bool(k string) bool { b, _ := r[k].(bool); return b }
func (r Req) Num(k string, def float64) float64 {
	switch v := r[k].(type) {
	case json.Number:
		if f, err := v.Float64(); err == nil {
			return f
		}
	case float64:
		return v
	}
	return def
}
func (r Req) Int(k string, def int) int { return int(r.Num(k, float64(def))) }
func (r Req) Bounded(k string, def, max int) int {
	n := r.Int(k, def)
	if n < 0 {
		n = 0
	}
	return min(n, max)
}
func (r Req) Hex(k string) ([]byte, error) { return hex.DecodeString(r.Str(k)) }

// Ctx: {"timeout": ms} or the default, at most 10 minutes.
func (r Req) Ctx(defMs int) (context.Context, context.CancelFunc) {
	ms := r.Bounded("timeout", defMs, 600000)
	return context.WithTimeout(context.Background(), time.Duration(ms)*time.Millisecond)
}

type Handler func(Req) (any, error)

// serve answers requests until the input ends. Every request runs in its own goroutine.
func serve(f *Flags, handlers map[string]Handler, onQuit func()) {
	var once sync.Once
	quit := func() {
		once.Do(func() {
			t := time.AfterFunc(3*time.Second, func() { os.Exit(0) })
			if onQuit != nil {
				onQuit()
			}
			t.Stop()
			os.Exit(0)
		})
	}
	sig := make(chan os.Signal, 2)
	signal.Notify(sig, syscall.SIGTERM, syscall.SIGINT)
	go func() { <-sig; quit() }()
	var names []string
	for n := range handlers {
		names = append(names, n)
	}
	sort.Strings(names)
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	for {
		line, err := in.ReadString('\n')
		if s := strings.TrimSpace(line); s != "" {
			dec := json.NewDecoder(strings.NewReader(s))
			dec.UseNumber()
			var r Req
			if e := dec.Decode(&r); e != nil {
				say(M{"ok": false, "error": "bad JSON: " + e.Error()})
			} else if r.Str("cmd") == "quit" {
				say(M{"id": r["id"], "ok": true})
				quit()
			} else if h := handlers[r.Str("cmd")]; h == nil {
				say(M{"id": r["id"], "ok": false, "error": "unknown cmd " + r.Str("cmd") + "; have " + strings.Join(names, " "), "ms": 0})
			} else {
				go run(h, r)
			}
		}
		if err != nil {
			break
		}
	}
	if f.Bool("daemon") {
		select {}
	}
	quit()
}

func run(h Handler, r Req) {
	t0 := time.Now()
	var res any
	var err error
	func() {
		defer func() {
			if p := recover(); p != nil {
				err = fmt.Errorf("panic: %v", p)
			}
		}()
		res, err = h(r)
	}()
	ms := msSince(t0)
	if err != nil {
		say(M{"id": r["id"], "ok": false, "error": err.Error(), "ms": ms})
		return
	}
	say(M{"id": r["id"], "ok": true, "result": res, "ms": ms})
}

func msSince(t time.Time) float64 { return float64(time.Since(t).Nanoseconds()) / 1e6 }
