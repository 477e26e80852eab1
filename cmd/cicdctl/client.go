package main

import (
	"slices"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/session"
)

func newClient(a *session.Session) *cobra.Command {
	return group("client", "Create, inspect and destroy clients",
		`A client is a set of AWS resources in one region, described by one YAML file.`,
		`  cicdctl client create ACME --region eu-west-3
  cicdctl client list`,
		newClientCreate(a), newClientPlan(a), newClientShow(a), newClientList(a), newClientDestroy(a))
}

// clientNames completes names from the spec directory.
func clientNames(a *session.Session) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		if len(args) > 0 {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		conf, err := loadSettings(cmd.Flags(), a.Flags.Config)
		if err != nil {
			return nil, cobra.ShellCompDirectiveError
		}
		var names []string
		for _, file := range session.SpecFiles(conf.SpecDir) {
			names = append(names, session.ClientOf(file))
		}
		return names, cobra.ShellCompDirectiveNoFileComp
	}
}

// anyClientNames completes several names.
func anyClientNames(a *session.Session) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, to string) ([]string, cobra.ShellCompDirective) {
		names, directive := clientNames(a)(cmd, nil, to)
		return slices.DeleteFunc(names, func(name string) bool { return slices.Contains(args, name) }), directive
	}
}
