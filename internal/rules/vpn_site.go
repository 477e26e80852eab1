package rules

import (
	"math"
	"time"
)

// What both ends of a tunnel are set to. AWS takes each of these names and numbers in the
// options of a tunnel (EC2 API reference, VpnTunnelOptionsSpecification).
const (
	SiteIKEVersion = 2
	SiteEncryption = "AES256-GCM-16"
	SiteIntegrity  = "SHA2-384" // of the IKE SA's pseudo-random function; GCM needs none for data
	SiteDHGroup    = 20
	SiteReplay     = 1024 // packets

	SiteIKELifetime = 28800 * time.Second
	SiteESPLifetime = 3600 * time.Second
	// AWS rekeys this long before the end of a lifetime, and by chance up to as many
	// percent of it earlier.
	SiteRekeyMargin = 270 * time.Second
	SiteRekeyFuzz   = 100
)

// When the site's gateway rekeys: within a spread that ends at these ages. Both are over
// before AWS begins, at 28260 and 3060 s, so that the two do not rekey at once; and what is
// left is many times what a gateway needs to give up a rekeying and begin again (SiteGiveUp).
const (
	SiteIKERekey  = SiteIKELifetime - 1800*time.Second
	SiteIKESpread = 1800 * time.Second
	SiteESPRekey  = SiteESPLifetime - 900*time.Second
	SiteESPSpread = 300 * time.Second
)

// How a dead tunnel is found. AWS's own dead peer detection takes 30 s at least.
const (
	SiteDPDInterval = 10 * time.Second
	// A request is sent again after 2, 3.6 and 6.5 s, and its answer is waited for 11.7 s
	// more. strongSwan's own numbers, 5 of them from 4 s on, take 165 s.
	SiteRetransmits     = 3
	SiteRetransmitFirst = 2 * time.Second
	SiteRetransmitBase  = 1.8
	// SiteCheck is the pause between two looks at the tunnels, and each look is up to
	// SitePings pings of a second.
	SiteCheck = 5 * time.Second
	SitePings = 3
)

// SiteGiveUp is how long a peer may be silent until its tunnel is given up.
func SiteGiveUp() time.Duration {
	wait, sum := SiteRetransmitFirst.Seconds(), 0.0
	for range SiteRetransmits + 1 {
		sum += wait
		wait *= SiteRetransmitBase
	}
	return SiteDPDInterval + time.Duration(math.Ceil(sum))*time.Second
}

// SiteFailover is how long traffic goes into a dead tunnel at most: a pause, and then the
// pings of both tunnels.
func SiteFailover() time.Duration { return SiteCheck + 2*SitePings*time.Second }

// What fits into a tunnel. With AES-GCM, a packet of 1500 bytes has room for 1446: 20 are the
// IP header, 8 the ESP header, 8 the IV, 2 the trailer and 16 the tag (Site-to-Site VPN user
// guide, "Quotas": MTU 1446, MSS 1406). The MSS is the one of AWS's device configurations
// (tcp_mss_adjustment), which also fits behind NAT, where UDP takes 8 bytes more.
const (
	SiteMTU = 1446
	SiteMSS = 1379
)
