package audit

// peopleFields are about Client VPN, by which a client's people come in.
var peopleFields = []field{
	{id: "CICD-VPN-1", severity: high, kind: "ec2/client-vpn-endpoint", name: "authorization rules", title: "People reach their own client's subnets only", why: "an endpoint has a route to the whole VPC: its rules are what keeps people from other clients", pass: "10.20.0.0/20 for everybody", fail: "10.20.0.0/16 for everybody"},
	{id: "CICD-VPN-2", severity: high, kind: "ec2/client-vpn-endpoint", name: "revocation list", title: "Certificates that were revoked are refused", why: "a list that lacks a certificate lets its owner in, and one that has ended lets nobody in", pass: "names every revoked certificate, valid for 90 days at least", fail: "lacks 1 revoked certificates"},
	{id: "EC2.51", severity: medium, kind: "ec2/client-vpn-endpoint", name: "connection log", title: "Connections of people are logged", why: "EC2.51", pass: "/cicdctl/acme/vpn", fail: "off"},
	{id: "CICD-VPN-3", severity: high, kind: "ec2/client-vpn-endpoint", name: "security groups", title: "Endpoints are in their own security group", why: "the services' groups let in nothing of people but that one", pass: "sg-1", fail: "sg-2"},
	{id: "CICD-VPN-4", severity: high, kind: "ec2/client-vpn-endpoint", name: "authentication", title: "Who comes in has a certificate of the client's authority", why: "another authority's certificates would let other people in", pass: "certificates of the authority of arn:acm:1", fail: "certificates of the authority of arn:acm:2", fix: byHand},
	{id: "CICD-VPN-5", severity: medium, kind: "ec2/client-vpn-endpoint", name: "associations", title: "Endpoints are in the client's own subnets", why: "addresses of people become those of the subnet, by which network ACLs tell clients apart", pass: "subnet-1", fail: "subnet-2"},
	{id: "CICD-VPN-6", severity: medium, kind: "ec2/client-vpn-endpoint", name: "connection handler", title: "No function is asked about who connects", why: "a function added by hand hears of everybody, and can let nobody in", pass: "off", fail: "on: arn:f"},
	{id: "CICD-VPN-7", severity: medium, kind: "acm/imported-certificate", name: "certificate", title: "The VPN's certificate is of the client's authority, and is renewed in time", why: "nobody but a run renews it, and without it nobody can connect", pass: "signed by the client's authority, valid for 60 days at least", fail: "signed by another authority"},
	{id: "CICD-KEY-7", severity: high, kind: "kms/key", name: "type", title: "Keys are of the type that they are for", why: "another type of key can not do what cicdctl uses it for", pass: "SYMMETRIC_DEFAULT for ENCRYPT_DECRYPT", fail: "RSA_2048 for SIGN_VERIFY", fix: byHand},
}
