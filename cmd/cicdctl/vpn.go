package main

import (
	"github.com/spf13/cobra"

	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
	"gitlab.com/cicd/cicdctl/internal/vpn"
)

func newVPN(a *session.Session) *cobra.Command {
	return group("vpn", "Connect a client's sites and users",
		`A client's sites (vpn.ipsec.sites in its spec) reach its subnets through AWS
Site-to-Site VPN connections with two IPsec tunnels each, and its users
(vpn.openvpn.users) through an AWS Client VPN endpoint with OpenVPN. client create
makes both; these commands are for what is left: the device at the site, and the
users' certificates.`,
		`  cicdctl vpn config ACME paris-office --format strongswan --show-secrets --dir paris
  cicdctl vpn user add ACME alice
  cicdctl vpn status ACME`,
		newVPNConfig(a), newVPNStatus(a), newVPNRotate(a), newVPNUser(a))
}

func newVPNConfig(a *session.Session) *cobra.Command {
	var o vpn.ConfigOptions
	cmd := &cobra.Command{
		Use:   "config NAME SITE",
		Short: "Print the configuration of a site's VPN device",
		Long: `Print what the device at a site is to be set to, for both tunnels:

  --format strongswan   all files of a Linux gateway with strongSwan (swanctl)
  --format generic      a table for any device

Pre-shared keys are included only with --show-secrets. They are read from AWS at that
moment and kept nowhere else. With --dir, the files are written below a directory
that stands for the root of the gateway, the keys in their own file with mode 0600.`,
		Example: `  cicdctl vpn config ACME paris-office --format strongswan
  cicdctl vpn config ACME paris-office --format strongswan --show-secrets --dir paris
  cicdctl vpn config ACME paris-office --format generic --show-secrets`,
		Args:              named("NAME", "SITE"),
		ValidArgsFunction: siteNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Site = args[0], args[1]
			return vpn.ShowConfig(cmd.Context(), a, o)
		},
	}
	whereFlags(cmd, &o.Region, &o.Spec)
	f := cmd.Flags()
	f.StringVar(&o.Format, "format", vpn.FormatStrongSwan, "strongswan or generic")
	f.StringVar(&o.Dir, "dir", "", "write the files below this directory instead of printing them")
	f.BoolVar(&o.ShowSecrets, "show-secrets", false, "include the pre-shared keys")
	complete(cmd, "format", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return vpn.Formats(), cobra.ShellCompDirectiveNoFileComp
	})
	complete(cmd, "dir", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return nil, cobra.ShellCompDirectiveFilterDirs
	})
	return cmd
}

func newVPNStatus(a *session.Session) *cobra.Command {
	return statusCommand(a, vpn.Look, "status NAME", "Show a client's tunnels, certificates and sessions",
		`Show for each site of a client its VPN connection and both tunnels: AWS's address,
whether the tunnel is up, since when, and what AWS says about it. For OpenVPN, show
the endpoint, until when its revocation list is valid, how many users have valid
certificates, and how many sessions are open. Read-only.`,
		`  cicdctl vpn status ACME
  cicdctl vpn status ACME --output json | jq '.sites[].tunnels[] | select(.up | not)'`)
}

func newVPNRotate(a *session.Session) *cobra.Command {
	var o vpn.RotateOptions
	cmd := &cobra.Command{
		Use:   "rotate NAME SITE",
		Short: "Replace the pre-shared keys of a site's tunnels",
		Long: `Replace the pre-shared key of one tunnel of a site: tunnel 1, or the one that is
down. The tunnel is down until the device at the site has the new key (see cicdctl
vpn config), so change the device, check with cicdctl vpn status that the tunnel is
up again, and then rotate the other one with --tunnel.

With --wait, do both: wait until the first tunnel is up with its new key before the
second one gets one, then until that is up as well. Change the device meanwhile, from
another terminal; --timeout limits the wait.

The only tunnel that is up is never touched.`,
		Example: `  cicdctl vpn rotate ACME paris-office
  cicdctl vpn rotate ACME paris-office --tunnel 2 --yes
  cicdctl vpn rotate ACME paris-office --wait --timeout 1h`,
		Args:              named("NAME", "SITE"),
		ValidArgsFunction: siteNames(a),
		RunE: func(cmd *cobra.Command, args []string) error {
			o.Name, o.Site = args[0], args[1]
			return vpn.Rotate(cmd.Context(), a, o)
		},
	}
	whereFlags(cmd, &o.Region, &o.Spec)
	cmd.Flags().IntVar(&o.Tunnel, "tunnel", 0, "the only tunnel that gets a new key: 1 or 2")
	cmd.Flags().BoolVar(&o.Wait, "wait", false, "wait until the tunnel is up with its new key, then go on to the other one")
	complete(cmd, "tunnel", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return []string{"1", "2"}, cobra.ShellCompDirectiveNoFileComp
	})
	yesFlag(cmd, &o.Yes)
	return cmd
}

// siteNames completes names of clients, then the sites of one.
func siteNames(a *session.Session) cobra.CompletionFunc {
	return namesInSpec(a, func(s *spec.Spec) []string {
		var names []string
		for _, site := range s.VPN.Sites() {
			names = append(names, site.Name)
		}
		return names
	})
}
