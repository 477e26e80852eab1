package ops

import (
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds"
)

// Record is what the DNS of a domain has to say before AWS gives it a certificate.
type Record struct{ Domain, Text string } // "_x.shop.example. CNAME _y.acm-validations.aws."

// WantedRecords lists the records that certificates wait for, in zones that cicdctl does not keep.
func WantedRecords(held []provision.Held) []Record {
	var out []Record
	for _, h := range held {
		for _, f := range h.Facts {
			if f.Name == kinds.FactDNSRecord {
				out = append(out, Record{h.Role, f.Value})
			}
		}
	}
	return out
}
