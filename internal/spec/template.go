package spec

import (
	"cmp"
	_ "embed"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

var (
	//go:embed new.yaml.tmpl
	newText string
	//go:embed new.fr.yaml.tmpl
	frenchNewText string
)

// New is the commented file that is written for a client that has none: name,
// region, the account where it is not that of the credentials, and the defaults as
// comments, in the language of the run.
//
// It does without text/template: calling methods by name, as templates do, makes
// the linker keep every method of the AWS SDK.
func New(client, region, account string) []byte {
	comment := "# "
	if account != "" {
		comment = ""
	}
	fill := strings.NewReplacer("{{.Client}}", client, "{{.Region}}", region, "{{.Lower}}", strings.ToLower(client),
		"{{.Comment}}", comment, "{{.Account}}", cmp.Or(account, "production"))
	if lang.Current() == lang.French {
		return []byte(fill.Replace(frenchNewText))
	}
	return []byte(fill.Replace(newText))
}
