package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

func TestTransferPorts(t *testing.T) {
	var got []string
	for _, p := range TransferPorts(acme(t)) {
		got = append(got, fmt.Sprintf("%d to %s %d", p.Port, p.Name(), p.Target))
	}
	want := []string{
		"2222 to shop-files-prod 2222", "2223 to shop-files-preview 2222",
		"2121 to shop-ftp-prod 2121", "49152 to shop-ftp-prod-49152 49152", "49153 to shop-ftp-prod-49153 49153", "49154 to shop-ftp-prod-49154 49154", "49155 to shop-ftp-prod-49155 49155",
		"2122 to shop-ftp-preview 2121", "49156 to shop-ftp-preview-49156 49156", "49157 to shop-ftp-preview-49157 49157", "49158 to shop-ftp-preview-49158 49158", "49159 to shop-ftp-preview-49159 49159",
	}
	if !slices.Equal(got, want) {
		t.Errorf("ports are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// As many services as a load balancer can take have ports of their own, and one
// more is refused.
func TestTransferPortsAreNobodyElses(t *testing.T) {
	s := acme(t)
	// Two apps: the policy of a pipeline's role has room for nine such services.
	s.Apps = append(s.Apps[:1], spec.App{Name: "more", Repository: "acme/more", Branch: "main"})
	s.Apps[0].Services = nil
	add := func(r spec.Runtime) {
		app := &s.Apps[0]
		if r == spec.ProFTPD {
			app = &s.Apps[1]
		}
		app.Services = append(app.Services, spec.Service{Name: fmt.Sprintf("s%d", len(app.Services)), Runtime: r})
	}
	for range 4 {
		add(spec.ProFTPD)
	}
	for range 5 {
		add(spec.MySecureShell)
	}
	taken := map[uint16]string{}
	for _, p := range TransferPorts(s) {
		if taken[p.Port] != "" || p.Port < 1024 {
			t.Errorf("port %d is that of %q and of %s", p.Port, taken[p.Port], p.Name())
		}
		taken[p.Port] = p.Name()
	}
	check := Checks(plan(t), "", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	if problems := check(s); len(taken) != MaxListeners || len(problems) > 0 {
		t.Errorf("%d ports, and %v", len(taken), problems)
	}
	add(spec.MySecureShell)
	if problems := check(s); len(problems) != 1 || !strings.Contains(problems[0].Message, "needs 52 ports") {
		t.Errorf("52 ports: %v", problems)
	}
}

func TestFileTransferIsNotForOtherClients(t *testing.T) {
	s := acme(t)
	check := Checks(plan(t), "", time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC))
	for from, want := range map[string]int{"0.0.0.0/0": 0, "198.51.100.0/24": 0, "10.20.8.0/21": 1, "10.0.0.0/8": 1} {
		s.Apps[0].Services[2].From = []netip.Prefix{netip.MustParsePrefix(from)}
		if problems := check(s); len(problems) != want {
			t.Errorf("from %s: %v", from, problems)
		}
	}
}

// A service that nobody may reach is still looked at by its load balancer.
func TestClosedFileTransferIsChecked(t *testing.T) {
	s := acme(t)
	for i := range s.Apps[0].Services {
		s.Apps[0].Services[i].From = nil
	}
	for _, g := range SecurityGroups(s) {
		switch {
		case g.Role == GroupTransfer && (len(g.Ingress) != 0 || len(g.Egress) != 3):
			t.Errorf("the load balancer has %+v", g)
		case g.Role == "shop-ftp" && (len(g.Ingress) != 2 || g.Ingress[1].From != 49152 || g.Ingress[1].To != 49159):
			t.Errorf("the service lets in %+v", g.Ingress)
		}
	}
}
