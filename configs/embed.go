// Package configs holds the files that people start from: the annotated example and
// the JSON schema that editors check specs with, and the images of the runtimes.
package configs

import "embed"

// Example is the annotated spec of an imaginary client.
//
//go:embed acme.yaml
var Example []byte

// ClientSchema is the JSON schema (draft 2020-12) of a client's spec.
//
//go:embed client.schema.json
var ClientSchema []byte

// Images are the definitions of the runtimes' images, a directory each.
//
//go:embed images
var Images embed.FS
