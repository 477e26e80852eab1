package rules

import (
	"net/netip"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// MaxGroupRules is how many rules a security group takes in a direction (VPC
// quotas, L-0EA8095F).
const MaxGroupRules = 60

// Roles of the security groups that belong to no service.
const (
	GroupLoadBalancer = "load-balancer"
	GroupTransfer     = "transfer" // the load balancer for file transfer, where there is any
	GroupHosts        = "hosts"
	GroupDatabase     = "database"
	GroupVPN          = "vpn" // people who are connected by OpenVPN
)

// SecurityGroups generates a client's security groups: one for each app-service,
// one for the hosts, the load balancer and the database. Groups name each other,
// never ranges, wherever both ends are the client's.
func SecurityGroups(s *spec.Spec) []SecurityGroup {
	balancer := SecurityGroup{Role: GroupLoadBalancer, Ingress: []SGRule{
		fromRange(Anywhere, 80, "HTTP from anywhere"), fromRange(Anywhere, 443, "HTTPS from anywhere"),
	}}
	hosts := SecurityGroup{Role: GroupHosts, Egress: web()}
	database := SecurityGroup{Role: GroupDatabase}
	transfer, transfers := transferGroup(s)
	var services []SecurityGroup
	for _, app := range s.Apps {
		for _, svc := range app.Services {
			g := SecurityGroup{Role: GroupTag(app.Name, svc.Name), App: app.Name, Service: svc.Name, Egress: web()}
			port := ContainerPort(svc.Runtime)
			g.Ingress = append(g.Ingress, transfers[g.Role]...)
			if svc.Runtime.HTTP() {
				g.Ingress = append(g.Ingress, group(GroupLoadBalancer, port, "HTTP from the load balancer"))
				balancer.Egress = append(balancer.Egress, group(g.Role, port, "HTTP to "+g.Role))
			}
			g.Egress = append(g.Egress, group(GroupDatabase, s.Database.Port(), "the database"))
			database.Ingress = append(database.Ingress, group(g.Role, s.Database.Port(), "SQL from "+g.Role))
			services = append(services, g)
		}
	}
	all := append([]SecurityGroup{balancer, hosts, database}, services...)
	if len(transfers) > 0 {
		all = append(all, transfer)
	}
	all = append(all, letInVPN(s, all)...)
	for i := range all {
		all[i].Name = SecurityGroupName(s.Client, all[i].Role)
	}
	return all
}

func web() []SGRule {
	return []SGRule{fromRange(Anywhere, 80, "HTTP to anywhere"), fromRange(Anywhere, 443, "HTTPS to anywhere")}
}

func fromRange(p netip.Prefix, port uint16, why string) SGRule {
	return SGRule{Protocol: "tcp", From: port, To: port, CIDR: p, Why: why}
}

func group(role string, port uint16, why string) SGRule {
	return SGRule{Protocol: "tcp", From: port, To: port, Group: role, Why: why}
}
