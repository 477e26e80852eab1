// Package configs holds the files that operators start from: the annotated
// example and the JSON schema that editors check specs with.
package configs

import _ "embed"

// Example is the annotated spec of an imaginary client.
//
//go:embed acme.yaml
var Example []byte

// ClientSchema is the JSON schema (draft 2020-12) of a client's spec.
//
//go:embed client.schema.json
var ClientSchema []byte
