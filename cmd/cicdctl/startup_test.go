package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"testing"
)

// inits is a line of the runtime about the initialization of a package (package runtime, GODEBUG,
// inittrace).
var inits = regexp.MustCompile(`(?m)^init (\S+) @.*, (\d+) bytes, (\d+) allocs$`)

// What our packages do before main is paid by every command, shell completion included. It is
// measured in bytes, which unlike time are the same on every machine and under every load. The
// runtime tells them of this very test program, which holds all packages of the product.
// Those of the AWS SDK cannot be changed here: 9 MB in November 2026, most of it schemas.
func TestStartUpIsCheap(t *testing.T) {
	// All together; a tenth above what they take. 115 kB are the French texts. An expression that
	// repeats a class of Unicode hundreds of times takes 4 MB.
	const most = 260_000
	self := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^$")
	self.Env = append(os.Environ(), "GODEBUG=inittrace=1")
	var told bytes.Buffer
	self.Stderr = &told
	if err := self.Run(); err != nil {
		t.Fatal(err)
	}
	total, packages := 0, 0
	var list []string
	for lines := bufio.NewScanner(&told); lines.Scan(); {
		m := inits.FindStringSubmatch(lines.Text())
		if len(m) == 0 || !ours.MatchString(m[1]) {
			continue
		}
		n, err := strconv.Atoi(m[2])
		if err != nil {
			t.Fatal(err)
		}
		total, packages, list = total+n, packages+1, append(list, lines.Text())
	}
	t.Logf("%d bytes in %d packages", total, packages)
	if packages < 10 {
		t.Errorf("the runtime told of %d packages of ours: %s", packages, told.String())
	}
	if total > most {
		t.Errorf("%d bytes are allocated before main, at most %d are expected:", total, most)
		for _, line := range list {
			t.Error(line)
		}
	}
}

// ours are packages of the product; the tests of this package compile expressions of their own.
var ours = regexp.MustCompile(`^gitlab\.com/cicd/cicdctl/internal/`)
