// Package configs holds the JSON schema that editors check specs with, the images of the
// runtimes, and an annotated configuration of the tool.
package configs

import (
	"embed"
	"path"
	"strings"
)

// ClientSchema is the JSON schema (draft 2020-12) of a client's spec.
//
//go:embed client.schema.json
var ClientSchema []byte

// Images are the definitions of the runtimes' images, a directory each.
//
//go:embed images
var Images embed.FS

//go:embed results
var results embed.FS

// Results are the commands whose JSON has a schema, sorted, and "error".
func Results() []string {
	entries, err := results.ReadDir("results")
	if err != nil {
		panic(err) // it is part of the program
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = strings.ReplaceAll(strings.TrimSuffix(e.Name(), ".schema.json"), "_", " ")
	}
	return names
}

// Result is the JSON schema of what a command writes, by its words.
func Result(command string) ([]byte, error) {
	return results.ReadFile(path.Join("results", strings.ReplaceAll(command, " ", "_")+".schema.json"))
}
