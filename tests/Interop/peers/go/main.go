// gopeer: a foreign Mainline node (anacrolix/dht) for tests on loopback, driven by JSON lines.
package main

import (
	"fmt"
	"os"
	"sort"
	"strings"
)

var subcommands = map[string]func([]string){}

func main() {
	if len(os.Args) < 2 || subcommands[os.Args[1]] == nil {
		var names []string
		for n := range subcommands {
			names = append(names, n)
		}
		sort.Strings(names)
		fmt.Fprintln(os.Stderr, "usage: gopeer", strings.Join(names, "|"), "[--flag value …]")
		os.Exit(2)
	}
	subcommands[os.Args[1]](os.Args[2:])
}
