package spec

import (
	_ "embed"
	"strings"
)

//go:embed new.yaml.tmpl
var newText string

// New is the commented file that is written for a client that has none: name,
// region, and the defaults as comments.
//
// It does without text/template: calling methods by name, as templates do, makes
// the linker keep every method of the AWS SDK.
func New(client, region string) []byte {
	fill := strings.NewReplacer("{{.Client}}", client, "{{.Region}}", region, "{{.Lower}}", strings.ToLower(client))
	return []byte(fill.Replace(newText))
}
