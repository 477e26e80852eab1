package main

import (
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/configs"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newSchema(a *session.Session) *cobra.Command {
	return &cobra.Command{
		Use:   "schema [COMMAND...]",
		Short: "Print the JSON schema of what a command writes with --output json",
		Long: `Print the JSON schema (draft 2020-12) of what a command writes with --output json,
or, without arguments, list the commands that have one. "error" is the schema of
errors. The schema of spec files is printed by cicdctl spec schema.`,
		Example: `  cicdctl schema
  cicdctl schema client plan
  cicdctl schema error`,
		Annotations: map[string]string{needsNoConfig: "yes"},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			var next []string
			for _, name := range configs.Results() {
				if words := strings.Fields(name); len(words) > len(args) && slices.Equal(words[:len(args)], args) {
					next = append(next, words[len(args)])
				}
			}
			return slices.Compact(next), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				if a.Print.Format == report.JSON {
					return a.Print.WriteJSON(schemaList{configs.Results()})
				}
				return a.Print.Raw([]byte(strings.Join(configs.Results(), "\n") + "\n"))
			}
			name := strings.Join(args, " ")
			schema, err := configs.Result(name)
			if err != nil {
				return session.Usagef("cicdctl schema lists what there is", "there is no schema of %q", name)
			}
			return a.Print.Raw(schema)
		},
	}
}

// schemaList is the result of schema without arguments.
type schemaList struct {
	Schemas []string `json:"schemas"`
}
