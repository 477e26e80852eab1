package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/client"
	"gitlab.com/cicd/cicdctl/internal/session"
)

func newKey(a *session.Session) *cobra.Command {
	return group("key", "Show and rotate the SSH key pair of a client",
		`Each client has one RSA key pair, with which its hosts are started. client create
makes it and keeps the private key in the admin bucket, where only the admins of the
configuration can read it; EC2 has the public key alone.`,
		`  cicdctl key show ACME
  cicdctl key show ACME --out acme.pem
  cicdctl key rotate ACME`,
		newKeyShow(a), newKeyRotate(a))
}

func newKeyShow(a *session.Session) *cobra.Command {
	var o client.KeyOptions
	cmd := &cobra.Command{
		Use:   "show NAME",
		Short: "Show a client's key, where it is kept and who can read it",
		Long: `Show a client's SSH key: the public key, its fingerprint, where the private key is
kept, who can read it, and which key pair each host was started with. Keys that were
replaced are listed as long as they are in escrow.

The private key is read only with --show-secrets, which prints it, or --out, which
writes it into a new file with mode 0600. Only admins can do that: AWS refuses
others. --old FINGERPRINT takes an earlier key, for hosts that still have it.`,
		Example: `  cicdctl key show ACME
  cicdctl key show ACME --out acme.pem
  cicdctl key show ACME --output json | jq -r .public_key`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.ShowKey(cmd.Context(), a, o)
		},
	}
	whereFlags(cmd, &o.Region, &o.Spec)
	f := cmd.Flags()
	f.BoolVar(&o.ShowSecrets, "show-secrets", false, "print the private key")
	f.StringVar(&o.Out, "out", "", "write the private key into this new file (mode 0600)")
	f.StringVar(&o.Old, "old", "", "fingerprint of an earlier key, whose private key is meant")
	return cmd
}

func newKeyRotate(a *session.Session) *cobra.Command {
	var o client.RotateKeyOptions
	cmd := &cobra.Command{
		Use:   "rotate NAME",
		Short: "Replace a client's SSH key pair, on all hosts",
		Long: `Make a new SSH key pair for a client and start its hosts with it. The escrow keeps
the old key as an earlier version. EC2 gets a second key pair, because the key of a
pair cannot be changed, the launch template names it, and the hosts are replaced as
in the weekly renewal: each once another one is there and has taken over its tasks.
The old key is removed from the escrow once no instance is left that was started with
it; instances that somebody has started with it by hand are named and left alone.

With --in-window, the hosts are left to the weekly renewal in the maintenance window.
Run the command again afterwards to remove the old key.

Run the same command again after an interruption: it goes on where it was. Ctrl-C and
--timeout end only the waiting for hosts; AWS goes on replacing them.`,
		Example: `  cicdctl key rotate ACME
  cicdctl key rotate ACME --in-window --yes
  cicdctl key rotate ACME --yes --timeout 2h`,
		Args:              named("NAME"),
		ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return client.RotateKey(cmd.Context(), a, o)
		},
	}
	specFlag(cmd, &o.Spec)
	cmd.Flags().BoolVar(&o.InWindow, "in-window", false, "leave the hosts to the weekly renewal in the maintenance window")
	yesFlag(cmd, &o.Yes)
	return cmd
}
