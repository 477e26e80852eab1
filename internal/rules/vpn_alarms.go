package rules

import "gitlab.com/cicd/cicdctl/internal/spec"

// listDays is how long before its end somebody hears of a revocation list that was not
// renewed: a run renews it 90 days before, and once it has ended nobody can connect.
const listDays = 30

// peopleAlarms watch how people come in by OpenVPN. Client VPN reports every five minutes
// (administrator guide, "Monitoring with Amazon CloudWatch").
func peopleAlarms(s *spec.Spec) []Alarm {
	if s.VPN.OpenVPN == nil {
		return nil
	}
	return []Alarm{{
		Role: "vpn-revocation-list", Severity: High,
		What: Both("the revocation list of the VPN ends within a month: after that nobody can connect"), Todo: Both("run cicdctl client create, which renews it"),
		Metric: Metric{"AWS/ClientVPN", "CrlDaysToExpiry", "Minimum", []Dimension{{Name: "Endpoint", Kind: "ec2/client-vpn-endpoint", Role: GroupVPN}}},
		Period: fiveMinutes, Periods: 3, Over: Below, Threshold: listDays,
		Missing: MeansNothing, // there is no list before anybody has a certificate
	}}
}
