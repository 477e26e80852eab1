package main

import (
	"bytes"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/session"
)

func newCompletion(a *session.Session) *cobra.Command {
	shells := []string{"bash", "zsh", "fish", "powershell"}
	return &cobra.Command{
		Use:   "completion SHELL",
		Short: "Print a shell completion script",
		Long: `Print a completion script for bash, zsh, fish or powershell. It completes commands,
flags, regions and client names. No configuration is read.`,
		Example: `  source <(cicdctl completion bash)
  cicdctl completion zsh > "${fpath[1]}/_cicdctl"`,
		Annotations: map[string]string{needsNoConfig: "yes"},
		Args:        named("SHELL"),
		ValidArgs:   shells,
		RunE: func(cmd *cobra.Command, args []string) error {
			var script bytes.Buffer
			if err := writeCompletion(cmd.Root(), args[0], &script); err != nil {
				return err
			}
			return a.Print.Raw(script.Bytes())
		},
	}
}

func writeCompletion(root *cobra.Command, shell string, to *bytes.Buffer) error {
	switch shell {
	case "bash":
		return root.GenBashCompletionV2(to, true)
	case "zsh":
		return root.GenZshCompletion(to)
	case "fish":
		return root.GenFishCompletion(to, true)
	case "powershell":
		return root.GenPowerShellCompletionWithDesc(to)
	default:
		return session.Usagef("", "%q is not one of bash, zsh, fish, powershell", shell)
	}
}
