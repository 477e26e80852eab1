package rules

import (
	"net/netip"
	"slices"
	"strconv"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// MaxListeners is how many listeners a network load balancer has (ELB quotas; it
// cannot be raised).
const MaxListeners = 50

// Environment variables of the containers of [ProFTPD][spec.ProFTPD], by which it
// tells people where data connections are to go.
const (
	MasqueradeVariable = "MASQUERADE_ADDRESS"
	PassiveVariable    = "PASSIVE_PORTS" // "49152-49155"
)

// TransferPort is a port of the client's network load balancer. It leads to one
// port of one service in one environment.
type TransferPort struct {
	App, Service string
	Env          spec.Env
	Port         uint16 // of the load balancer: what people connect to
	Target       uint16 // of the container
	Health       uint16 // of the container: the one that always answers
	From         []netip.Prefix
}

// Data tells a port of FTP's data connections from one that people know of.
func (p TransferPort) Data() bool { return p.Target != p.Health }

// Name tells target groups apart: "shop-ftp-prod", and "shop-ftp-prod-49152" for data.
func (p TransferPort) Name() string {
	if p.Data() {
		return join(ServiceName(p.App, p.Service, p.Env), strconv.Itoa(int(p.Target)))
	}
	return ServiceName(p.App, p.Service, p.Env)
}

// TransferPorts gives every file transfer service its ports on the load balancer.
//
// The client has one load balancer for all of them, and TCP knows nothing but the
// port. So each service has two numbers in the order of the spec, one for prod and
// one for preview, counted from the port of its runtime's container: SFTP is on 2222
// in prod and 2223 in preview, the next SFTP service on 2224 and 2225; FTP likewise
// from 2121. Data ports follow in blocks, from 49152: they are the same in the
// container and on the load balancer, as the server announces them.
//
// New services belong at the end of the spec: what stands behind a service that is
// added or removed in the middle moves, and a plan shows it.
//
// The ports that people expect, 22 and 21, are not among them: the edge's network
// ACL, which belongs to all clients, lets in neither (EC2.21, CIS 5.2).
func TransferPorts(s *spec.Spec) []TransferPort {
	var ports []TransferPort
	seats := map[spec.Runtime]uint16{}
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			r := RuntimeOf(svc.Runtime)
			if r.Balancer != ByPort {
				continue
			}
			for _, env := range []spec.Env{spec.Prod, spec.Preview} {
				seat := seats[r.Name]
				seats[r.Name]++
				p := TransferPort{App: app.Name, Service: svc.Name, Env: env, Port: r.Port + seat, Target: r.Port, Health: r.Port, From: svc.From}
				ports = append(ports, p)
				for _, first := range r.Data {
					p.Port = first + seat*uint16(len(r.Data))
					p.Target = p.Port
					ports = append(ports, p)
				}
			}
		}
	}
	return ports
}

// TransferPortsOf are those of one service in one environment, what people connect to first.
func TransferPortsOf(s *spec.Spec, app, service string, env spec.Env) []TransferPort {
	return slices.DeleteFunc(TransferPorts(s), func(p TransferPort) bool { return p.App != app || p.Service != service || p.Env != env })
}

// ranges makes ports the ranges that they fill, in order.
func ranges(ports []uint16) []spec.PortRange {
	single := make([]spec.PortRange, len(ports))
	for i, p := range ports {
		single[i] = spec.PortRange{From: p, To: p}
	}
	return merged(single)
}

// transferGroup is the security group of the client's network load balancer, and
// what each service's group lets in from it, by role. People come in from where the
// spec says, which is nowhere by default. The load balancer reaches the services all
// the same, to see whether they are well.
func transferGroup(s *spec.Spec) (balancer SecurityGroup, services map[string][]SGRule) {
	balancer, services = SecurityGroup{Role: GroupTransfer}, map[string][]SGRule{}
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			var public, inside []uint16
			for _, p := range TransferPorts(s) {
				if p.App == app.Name && p.Service == svc.Name {
					public, inside = append(public, p.Port), append(inside, p.Target)
				}
			}
			role := GroupTag(app.Name, svc.Name)
			for _, r := range ranges(public) {
				for _, from := range svc.From {
					balancer.Ingress = append(balancer.Ingress, SGRule{Protocol: "tcp", From: r.From, To: r.To, CIDR: from, Why: "file transfer to " + role})
				}
			}
			for _, r := range ranges(inside) {
				balancer.Egress = append(balancer.Egress, SGRule{Protocol: "tcp", From: r.From, To: r.To, Group: role, Why: "file transfer to " + role})
				services[role] = append(services[role], SGRule{Protocol: "tcp", From: r.From, To: r.To, Group: GroupTransfer, Why: "file transfer from its load balancer"})
			}
		}
	}
	return balancer, services
}

// transfer refuses what one network load balancer cannot do, and people who are
// other clients.
func (c *checker) transfer() {
	if n := len(TransferPorts(c.spec)); n > MaxListeners {
		c.add("$.apps", "needs %d ports on the load balancer for file transfer and AWS allows %d (mysecureshell takes 2 of them, proftpd 10)", n, MaxListeners)
	}
	for i, app := range c.spec.Apps {
		for j, svc := range app.Services {
			for k, from := range svc.From {
				if pool, overlaps := c.pool(from); overlaps && from != Anywhere {
					c.add("$.apps["+strconv.Itoa(i)+"].services["+strconv.Itoa(j)+"].from["+strconv.Itoa(k)+"]",
						"%s overlaps %s, the network of all clients; give the outside range only", from, pool)
				}
			}
		}
	}
}
