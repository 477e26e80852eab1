package main

import (
	"context"

	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
	"gitlab.com/cicd/cicdctl/internal/vpn"
)

func newVPNUser(a *session.Session) *cobra.Command {
	return group("user", "Manage the certificates of OpenVPN users",
		`Each client has a certificate authority of its own, whose key never leaves AWS KMS.
A user's private key is made on this machine and kept in the .ovpn file only.
Which certificates were issued is recorded in the admin bucket.`,
		`  cicdctl vpn user add ACME alice --out alice.ovpn
  cicdctl vpn user revoke ACME alice`,
		newVPNUserAdd(a), newVPNUserRenew(a), newVPNUserRevoke(a), newVPNUserList(a), newVPNUserSessions(a))
}

func newVPNUserAdd(a *session.Session) *cobra.Command {
	var o vpn.UserOptions
	cmd := userCommand(a, &o, vpn.AddUser, "add NAME PERSON", "Issue a certificate and write the user's .ovpn file",
		`Issue a certificate for a user in vpn.openvpn.users and write a .ovpn file for
OpenVPN clients, with everything inline. The file is written once, with mode 0600,
and never replaces an existing file. It has the only copy of the private key.

The serial number is recorded before the certificate is issued, so that it can be
revoked whatever happens.`,
		`  cicdctl vpn user add ACME alice
  cicdctl vpn user add ACME alice --days 90 --out /media/usb/alice.ovpn`)
	profileFlags(cmd, &o)
	return cmd
}

func newVPNUserRenew(a *session.Session) *cobra.Command {
	var o vpn.UserOptions
	cmd := userCommand(a, &o, vpn.RenewUser, "renew NAME PERSON", "Replace a user's certificate",
		`Issue a new certificate for a user, write a new .ovpn file, and revoke all earlier
certificates of the user. AWS ends all sessions of the endpoint when it takes the
new revocation list; users can connect again.`,
		`  cicdctl vpn user renew ACME alice --out alice-2027.ovpn
  cicdctl vpn user renew ACME alice --out alice-2027.ovpn --yes`)
	profileFlags(cmd, &o)
	yesFlag(cmd, &o.Yes)
	return cmd
}

func newVPNUserRevoke(a *session.Session) *cobra.Command {
	var o vpn.UserOptions
	cmd := userCommand(a, &o, vpn.RevokeUser, "revoke NAME PERSON", "Revoke all certificates of a user",
		`Revoke every certificate of a user that has not expired, import the new revocation
list into the endpoint, and end the user's sessions. AWS may take up to 4 hours to
use the list, and then ends all sessions of the endpoint; others can connect again.

Running the command again is safe, also after an error.`,
		`  cicdctl vpn user revoke ACME alice
  cicdctl vpn user revoke ACME alice --yes --output json`)
	yesFlag(cmd, &o.Yes)
	return cmd
}

// userCommand is a command about one person.
func userCommand(a *session.Session, o *vpn.UserOptions, run func(context.Context, *session.Session, vpn.UserOptions) error, use, short, long, example string) *cobra.Command {
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example, Args: named("NAME", "PERSON"),
		ValidArgsFunction: namesInSpec(a, func(s *spec.Spec) []string {
			if s.VPN.OpenVPN == nil {
				return nil
			}
			return s.VPN.OpenVPN.Users
		}),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Person = args[0], args[1]
			return run(cmd.Context(), a, *o)
		},
	}
	whereFlags(cmd, &o.Region, &o.Spec)
	return cmd
}

func profileFlags(cmd *cobra.Command, o *vpn.UserOptions) {
	cmd.Flags().IntVar(&o.Days, "days", pki.DefaultDays, "days for which the certificate is valid: 1 to 825")
	cmd.Flags().StringVar(&o.Out, "out", "", "file to write (default: <name>-<person>.ovpn)")
}

func newVPNUserList(a *session.Session) *cobra.Command {
	return statusCommand(a, vpn.ListUsers, "list NAME", "List users and their certificates",
		`List all certificates of a client's users, with state and expiry, and the users in
the spec that have none. Read-only.`,
		`  cicdctl vpn user list ACME
  cicdctl vpn user list ACME --output json | jq -r '.users[].person'`)
}

func newVPNUserSessions(a *session.Session) *cobra.Command {
	return statusCommand(a, vpn.ShowSessions, "sessions NAME", "List who is connected",
		`List the open sessions of a client's users: since when, with which address, and how
much was transferred. Read-only.`,
		`  cicdctl vpn user sessions ACME
  cicdctl vpn user sessions ACME --output json | jq -r '.sessions[].person'`)
}

// statusCommand is a command that shows something of a client.
func statusCommand(a *session.Session, run func(context.Context, *session.Session, vpn.StatusOptions) error, use, short, long, example string) *cobra.Command {
	var o vpn.StatusOptions
	cmd := &cobra.Command{
		Use: use, Short: short, Long: long, Example: example, Args: named("NAME"), ValidArgsFunction: clientNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name = args[0]
			return run(cmd.Context(), a, o)
		},
	}
	whereFlags(cmd, &o.Region, &o.Spec)
	return cmd
}
