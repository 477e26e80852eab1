package rules

import (
	"strconv"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Of site-to-site VPNs.
const (
	// AmazonASN and SiteASN are the BGP numbers of the two ends; gateways with static routes
	// have one too. AmazonASN is AWS's default, and the site's may not be the same
	// (Site-to-Site VPN user guide, "Customer gateway options").
	AmazonASN = 64512
	SiteASN   = 65000
	// KeyStorage keeps the keys of tunnels in AWS Secrets Manager, where who reads a
	// connection does not see them (EC2 API reference, CreateVpnConnection).
	KeyStorage = "SecretsManager"
	// AnyRange is what both ends of a connection negotiate: AWS takes one range a side only,
	// and a client has two. What may pass is for routes and network ACLs to say.
	AnyRange = "0.0.0.0/0"
)

// VPNLogGroupName is the log group of a client's tunnels: "/cicdctl/acme/vpn". Groups of
// services have a hyphen there.
func VPNLogGroupName(client string) string { return "/cicdctl/" + Lower(client) + "/vpn" }

// SiteDevice is the device name of a site's customer gateway: "acme-paris-office". AWS
// answers with an existing gateway when all else is the same.
func SiteDevice(client, site string) string { return join(Lower(client), site) }

// TunnelOption is one setting of a tunnel.
type TunnelOption struct {
	Name string
	Want []string
	// Default is what AWS goes by where it was never told and tells nothing.
	Default []string
}

// Options of tunnels that are named elsewhere, too.
const (
	TunnelIKE         = "IKE versions"
	TunnelEncryption1 = "phase 1 encryption"
	TunnelIntegrity1  = "phase 1 integrity"
	TunnelGroups1     = "phase 1 DH groups"
	TunnelLifetime1   = "phase 1 lifetime"
	TunnelEncryption2 = "phase 2 encryption"
	TunnelIntegrity2  = "phase 2 integrity"
	TunnelGroups2     = "phase 2 DH groups"
	TunnelLifetime2   = "phase 2 lifetime"
	TunnelMargin      = "rekey margin"
	TunnelFuzz        = "rekey fuzz"
	TunnelReplay      = "replay window"
	TunnelPeerTimeout = "dead peer timeout"
	TunnelPeerAction  = "dead peer action"
	TunnelStartup     = "startup action"
	TunnelLifecycle   = "lifecycle control"
	TunnelLogs        = "logs"
	tunnelOff         = "off"
	logsTo            = "json to "
)

// Every algorithm that AWS takes from a site when it is not told otherwise, SHA-1 and
// 1024-bit groups among them (EC2 API reference, VpnTunnelOptionsSpecification).
var (
	anyCipher  = words("AES128 AES256 AES128-GCM-16 AES256-GCM-16")
	anyHash    = words("SHA1 SHA2-256 SHA2-384 SHA2-512")
	anyGroup1  = words("2 14 15 16 17 18 19 20 21 22 23 24")
	anyGroup2  = words("2 5 14 15 16 17 18 19 20 21 22 23 24")
	anyVersion = words("ikev1 ikev2")
)

// TunnelOptions is the one table of what both tunnels of a site are set to: one strong
// algorithm each, and AWS's own times. logs is the ARN of the log group.
func TunnelOptions(site spec.Site, logs string) []TunnelOption {
	one := func(name, want string, otherwise ...string) TunnelOption {
		return TunnelOption{name, []string{want}, otherwise}
	}
	number := func(name string, n int) TunnelOption { return one(name, strconv.Itoa(n), strconv.Itoa(n)) }
	startup, dead := "add", "clear" // the site sets the tunnels up
	if site.Initiate == spec.InitiateAWS {
		startup, dead = "start", "restart"
	}
	return []TunnelOption{
		one(TunnelIKE, "ikev2", anyVersion...),
		one(TunnelEncryption1, SiteEncryption, anyCipher...),
		one(TunnelIntegrity1, SiteIntegrity, anyHash...),
		one(TunnelGroups1, strconv.Itoa(SiteDHGroup), anyGroup1...),
		number(TunnelLifetime1, int(SiteIKELifetime.Seconds())),
		one(TunnelEncryption2, SiteEncryption, anyCipher...),
		one(TunnelIntegrity2, SiteIntegrity, anyHash...),
		one(TunnelGroups2, strconv.Itoa(SiteDHGroup), anyGroup2...),
		number(TunnelLifetime2, int(SiteESPLifetime.Seconds())),
		number(TunnelMargin, int(SiteRekeyMargin.Seconds())),
		number(TunnelFuzz, SiteRekeyFuzz),
		number(TunnelReplay, SiteReplay),
		number(TunnelPeerTimeout, 30), // seconds, the least that AWS takes
		one(TunnelPeerAction, dead, "clear"),
		one(TunnelStartup, startup, "add"),
		one(TunnelLifecycle, tunnelOff, tunnelOff), // AWS replaces endpoints by itself; otherwise somebody has to accept that
		one(TunnelLogs, logsTo+logs, tunnelOff),
	}
}

// AnySite is the table where no spec says what the site is.
func AnySite() []TunnelOption { return TunnelOptions(spec.Site{}, "") }

// TunnelOptionNames are the names of the table, in its order.
func TunnelOptionNames() []string {
	var out []string
	for _, o := range AnySite() {
		out = append(out, o.Name)
	}
	return out
}
