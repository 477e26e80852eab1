// Package configs holds the JSON schema that editors check specs with, the images of the
// runtimes, and an annotated configuration of the tool.
package configs

import "embed"

// ClientSchema is the JSON schema (draft 2020-12) of a client's spec.
//
//go:embed client.schema.json
var ClientSchema []byte

// Images are the definitions of the runtimes' images, a directory each.
//
//go:embed images
var Images embed.FS
