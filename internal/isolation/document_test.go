package isolation

import (
	"strings"
	"testing"
)

// The document's own ACLs and groups keep ten clients apart, twice: no group lets
// anything through, and neither would the ACLs alone.
func TestTheDocumentIsolatesTenClients(t *testing.T) {
	t.Parallel()
	p := Prove(document(t, 1))
	if len(p.Flows)+len(p.Latent)+len(p.Unknowns) > 0 {
		t.Error(strings.Join(p.Lines(), "\n"))
	}
	t.Log(strings.Join(p.Lines(), "\n"))
	if p.Size.Pairs != 90 || p.Size.Meeting != 90 || p.Size.Combinations.BitLen() < 40 || p.Size.Rules == 0 {
		t.Errorf("size %+v", p.Size)
	}
	for _, x := range p.Exposures {
		t.Log(x.Client, "\n", strings.Join(x.Lines(), "\n"))
		break
	}
}
