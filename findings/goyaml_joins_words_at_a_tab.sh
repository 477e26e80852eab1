#!/usr/bin/env bash
# Common guess: a YAML library gives back what stands in a plain scalar. A tab within text is allowed there (YAML 1.2,
#               7.3.3: the blanks within a line are content) and is read as a tab, or else refused.
# Version:      github.com/goccy/go-yaml v1.19.2; compared with go.yaml.in/yaml/v3 v3.0.4.
# Behaviour:    goccy/go-yaml leaves the tab out and joins the words, without an error, in values, in items of lists and
#               in keys. Text in quotes keeps it. A file that was pasted from a table is read as something else, and a
#               key with a tab in it becomes a key that exists.
# Output seen:  value      goccy "acceptedby the client"     yaml/v3 "accepted\tby the client"
#               item       goccy "ab"                        yaml/v3 "a\tb"
#               key        goccy "client"                    yaml/v3 "cli\tent"
#               in quotes  goccy "a\tb"                      yaml/v3 "a\tb"
# Seen on 2026-11-30 with Go 1.26. Ends with 0 while it is so, with 1 when it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export GOFLAGS=-mod=mod

cat >go.mod <<'MOD'
module tabs

go 1.24

require (
	github.com/goccy/go-yaml v1.19.2
	go.yaml.in/yaml/v3 v3.0.4
)
MOD
cat >main.go <<'GO'
package main

import (
	"fmt"
	"log"

	goccy "github.com/goccy/go-yaml"
	v3 "go.yaml.in/yaml/v3"
)

// texts are all strings in a document, keys first.
func texts(v any) []string {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			return append([]string{k}, texts(inner)...)
		}
	case []any:
		return texts(v[0])
	case string:
		return []string{v}
	}
	return nil
}

func main() {
	for _, c := range []struct {
		what, document string
		at             int // among the texts
	}{
		{"value", "reason: accepted\tby the client\n", 1},
		{"item", "list:\n  - a\tb\n", 1},
		{"key", "cli\tent: ACME\n", 0},
		{"in quotes", "reason: \"a\tb\"\n", 1},
	} {
		var one, two any
		if err := goccy.Unmarshal([]byte(c.document), &one); err != nil {
			log.Fatal(err)
		}
		if err := v3.Unmarshal([]byte(c.document), &two); err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%-10s goccy %-27q yaml/v3 %q\n", c.what, texts(one)[c.at], texts(two)[c.at])
	}
}
GO
go run . >seen
cat >want <<'TEXT'
value      goccy "acceptedby the client"     yaml/v3 "accepted\tby the client"
item       goccy "ab"                        yaml/v3 "a\tb"
key        goccy "client"                    yaml/v3 "cli\tent"
in quotes  goccy "a\tb"                      yaml/v3 "a\tb"
TEXT
diff want seen
echo "as described: words on both sides of a tab are joined"
