package spec

import (
	_ "embed"
	"strings"
	"text/template"
)

//go:embed new.yaml.tmpl
var newText string

var newTemplate = template.Must(template.New("new.yaml").Parse(newText))

// New is the commented file that is written for a client that has none: name,
// region, and the defaults as comments.
func New(client, region string) []byte {
	var b strings.Builder
	if err := newTemplate.Execute(&b, map[string]string{"Client": client, "Region": region, "Lower": strings.ToLower(client)}); err != nil {
		panic(err) // the template is a constant and a strings.Builder cannot fail
	}
	return []byte(b.String())
}
