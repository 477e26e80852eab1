// Package examples holds example specs that people start from. Tests hold them valid.
package examples

import "embed"

// ACME is the annotated spec of an imaginary client, with every key.
//
//go:embed acme.yaml
var ACME []byte

// All are all examples, by file name.
//
//go:embed *.yaml
var All embed.FS
