package main

import (
	"context"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/backup"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

type policyShowOptions struct{ name, spec string }

func newBackupPolicyShow(a *app) *cobra.Command {
	var o policyShowOptions
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show which copies of a client's database are kept",
		Long: `Shows the copies that the client's spec file promises: where they are, how long they
are kept, whether a database can be restored from them, and how much would be lost
at worst. Copies that are off are shown too.

Where AWS can be asked, it also tells what the last restore drill measured. It only
reads, and works without AWS.`,
		Example: `  cicdctl backup-policy show ACME
  cicdctl backup-policy show ACME --output json | jq .last_drill.rto_seconds`,
		Args:              named("NAME"),
		ValidArgsFunction: a.clientNames,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.name = args[0]
			return runBackupPolicyShow(cmd.Context(), a, o)
		},
	}
	cmd.Flags().StringVar(&o.spec, "spec", "", "spec file (<spec-dir>/<name>.yaml)")
	return cmd
}

func runBackupPolicyShow(ctx context.Context, a *app, o policyShowOptions) error {
	file, s, err := a.loadSpec(o.name, o.spec)
	if err != nil {
		return err
	}
	if s == nil {
		return noFile(a, o.name, file)
	}
	drill, unknown := a.lastDrill(ctx, s)
	if err := ctx.Err(); err != nil {
		return err
	}
	on := map[rules.CopyKind]string{
		rules.Monthly: a.next("backup-policy set %s --restorable-monthly on", s.Client),
		rules.Archive: a.next("backup-policy set %s --archive monthly", s.Client),
	}
	return a.print.BackupPolicy(a.print.NewBackupPolicy(s, file, drill, unknown, a.next("backup restore %s", s.Client), on))
}

// lastDrill is what AWS tells of the last restore drill. What it does not tell
// keeps nobody from seeing the policy.
func (a *app) lastDrill(ctx context.Context, s *spec.Spec) (*rules.Drill, error) {
	op, err := a.open(ctx)
	if err != nil {
		return nil, err
	}
	return backup.LastDrill(ctx, op, s.Client, s.Region)
}
