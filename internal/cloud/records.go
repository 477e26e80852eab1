package cloud

import (
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds/elb"
)

// Record is what the DNS of a domain has to say before AWS gives it a certificate.
type Record struct {
	Domain, Text string // "_x.shop.example. CNAME _y.acm-validations.aws."
	// Unseen is true for one that is in its hosted zone, where AWS does not see it.
	Unseen bool
}

// WantedRecords lists the records that certificates wait for.
func WantedRecords(held []provision.Held) []Record {
	var out []Record
	for _, h := range held {
		for _, f := range h.Facts {
			if f.Name == elb.FactDNSRecord || f.Name == elb.FactUnseenRecord {
				out = append(out, Record{h.Role, f.Value, f.Name == elb.FactUnseenRecord})
			}
		}
	}
	return out
}
