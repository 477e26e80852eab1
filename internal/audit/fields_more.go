package audit

import (
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// The document's words on the network, which several rules go back to.
const (
	docACL = "document, ACL: chaque groupe de 3 sous-réseaux appartient à 1 ACL restreignant le trafic entrant à ces seuls sous-réseaux et services extérieurs nécessaires"
	docSG  = "document, security-group: les security-group restreignent le trafic de chaque hôte EC2"
	docVPC = "document, VPC: 1 VPC 10.20.0.0/16, 3 sous-réseaux par client (1 par AZ), masque /21"
)

const byHand = "see cicdctl client plan for what a person can do"

// withoutExec is what to do about what exec opens: with it in the spec, a run changes nothing.
const withoutExec = "{client create}; where the spec of the service has exec on, take that out first if nobody needs it, or accept the finding for a time under audit.exceptions"

// networkFields are about the VPC, its subnets, and what guards them.
var networkFields = []field{
	{id: "CICD-NET-1", severity: high, kind: "ec2/vpc", name: "CIDR", title: "The VPC is the document's", why: docVPC, pass: "10.20.0.0/16", fail: "10.30.0.0/16", fix: byHand},
	{
		id: "CICD-NET-2", severity: high, kind: "ec2/vpc", name: "default network ACL", title: "The VPC's default network ACL lets nothing through",
		why: "a subnet that has lost its ACL gets this one", holds: is(""), should: "no rule", pass: "", fail: "inbound 100 allow all 0.0.0.0/0",
	},
	{
		id: "EC2.2", severity: high, kind: "ec2/vpc", name: "default security group", title: "The VPC's default security group has no rule",
		why: "EC2.2, CIS 5.5: what is started without a group gets this one", holds: is(""), should: "no rule", pass: "", fail: "ingress all from itself",
	},
	{id: "CICD-NET-3", severity: medium, kind: "ec2/vpc", name: "secondary CIDRs", title: "The VPC has the pools of the configuration and no other", why: docVPC, pass: "", fail: "10.99.0.0/16"},
	{id: "CICD-NET-4", severity: medium, kind: "ec2/vpc", name: "DNS support", title: "Names are resolved in the VPC", why: "databases and services are reached by name", holds: is("on"), should: "on", pass: "on", fail: "off"},
	{id: "CICD-NET-5", severity: medium, kind: "ec2/vpc", name: "DNS hostnames", title: "Hosts have names in the VPC", why: "endpoints are reached by name", holds: is("on"), should: "on", pass: "on", fail: "off"},
	{
		id: "EC2.7", severity: medium, kind: "ec2/vpc", name: "EBS encryption by default", title: "New volumes of the account are encrypted",
		why: "EC2.7, CIS 5.1.1: nobody makes a volume in the region that is not encrypted", holds: is("on"), should: "on", pass: "on", fail: "off",
	},
	{
		id: "CICD-NET-6", severity: high, kind: "ec2/network-acl", name: "inbound", title: "Network ACLs let in only the client's own subnets and the services it needs",
		why: docACL, pass: "20000 deny all 10.20.0.0/16", fail: "90 allow all 10.20.24.0/21", unless: remoteAdministration,
	},
	{
		id: "EC2.21", severity: high, kind: "ec2/network-acl", name: "inbound", title: "No rule of a network ACL lets in SSH or RDP from everywhere",
		why: "EC2.21, CIS 5.2: each rule counts by itself, whatever denies stand before it; TCP and UDP, IPv4 and IPv6", breaks: remoteAdministration, should: "no allow from 0.0.0.0/0 or ::/0 that contains 22 or 3389",
		pass: "300 allow tcp 0.0.0.0/0 80", fail: "200 deny tcp 0.0.0.0/0 3389\n320 allow tcp 0.0.0.0/0 1024-65535",
	},
	{id: "CICD-NET-7", severity: high, kind: "ec2/network-acl", name: "outbound", title: "Network ACLs let nothing out to other clients", why: docACL, pass: "20000 deny all 10.20.0.0/16", fail: "90 allow all 0.0.0.0/0"},
	{
		id: "CICD-NET-8", severity: high, kind: "ec2/route-table", name: "routes", title: "Routes lead where the spec says",
		why: "a route to another network is a way past the VPC", pass: "0.0.0.0/0 via nat-1", fail: "10.20.24.0/21 via pcx-1",
	},
	{id: "CICD-NET-9", severity: low, kind: "ec2/route-table", name: "S3 endpoint", title: "S3 is reached without the internet", why: "traffic to S3 stays in AWS and costs nothing at the NAT gateways", pass: "vpce-1", fail: ""},
	{id: "CICD-NET-10", severity: high, kind: "ec2/subnet", name: "CIDR", title: "Subnets are where the plan puts them", why: docVPC, pass: "10.20.0.0/21", fail: "10.20.0.0/24", fix: byHand},
	{id: "CICD-NET-11", severity: high, kind: "ec2/subnet", name: "network ACL", title: "Subnets are behind their client's network ACL", why: docACL, pass: "acl-1", fail: "acl-2"},
	{id: "CICD-NET-12", severity: medium, kind: "ec2/subnet", name: "route table", title: "Subnets have their own route table", why: "another client's table leads to its networks", pass: "rtb-1", fail: "rtb-2"},
	{id: "EC2.15", severity: medium, kind: "ec2/subnet", name: "public addresses", title: "Subnets give out no public addresses", why: "EC2.15: hosts are reached through the load balancer only", holds: is("off"), should: "off", pass: "off", fail: "on"},
	{id: "CICD-NET-13", severity: high, kind: "ec2/internet-gateway", name: "attached to", title: "The internet gateway serves the VPC", why: "without it the edge reaches nothing", pass: "vpc-1", fail: "vpc-2"},
	{id: "CICD-NET-14", severity: medium, kind: "ec2/vpc-endpoint", name: "policy", title: "The S3 endpoint leads to our buckets and to AWS's packages only", why: "over it, data would leave for anybody's bucket without passing a NAT gateway", pass: `{"Statement":[]}`, fail: "{}"},
	{id: "CICD-SG-1", severity: high, kind: "ec2/security-group", name: "ingress", title: "Security groups let in only what the spec says", why: docSG, pass: "tcp 443 from sg-1", fail: "tcp 22 from 10.20.24.0/21", unless: unrestricted},
	{
		id: "EC2.18", severity: high, kind: "ec2/security-group", name: "ingress", title: "Security groups are open to everybody on ports 80 and 443 only",
		why: "EC2.18; for SSH also EC2.13, CIS 5.3 and 5.4, for RDP EC2.14, for other ports of high risk EC2.19", breaks: unrestricted, should: "from 0.0.0.0/0 and ::/0 nothing but tcp 80 and 443",
		pass: "tcp 443 from 0.0.0.0/0", fail: "tcp 22 from 0.0.0.0/0",
	},
	{id: "CICD-SG-2", severity: medium, kind: "ec2/security-group", name: "egress", title: "Security groups let out only what is needed", why: docSG, pass: "tcp 443 to 0.0.0.0/0", fail: "all to 0.0.0.0/0"},
}

// secretFields are about secrets of services.
var secretFields = []field{
	{id: "CICD-SECRET-1", severity: high, kind: "secretsmanager/secret", name: "deletion", title: "No secret of a service waits for its deletion", why: "without it the service's next task does not start", holds: is("not scheduled"), should: "not scheduled", pass: "not scheduled", fail: "waits for its deletion"},
	{id: "CICD-SECRET-2", severity: high, kind: "secretsmanager/secret", name: "encryption key", title: "Secrets are encrypted with the client's key", why: "who may not use the client's key cannot read its secrets", pass: "arn:a", fail: ""},
	{id: "CICD-SECRET-3", severity: high, kind: "secretsmanager/secret", name: "resource policy", title: "No policy of a secret lets somebody in", why: "only the app's execution role reads them; a policy opens what roles keep closed", holds: is(""), should: "none", pass: "", fail: `{"Statement":[{"Principal":"*"}]}`},
}

// accessFields are about roles.
var accessFields = []field{
	{id: "CICD-IAM-1", severity: high, kind: "iam/role", name: "trust policy", title: "Roles can be taken by their service, or their app's pipeline, only", why: "who can take the role can do what it may", pass: "{}", fail: `{"Statement":[{"Principal":"*"}]}`},
	{id: "CICD-IAM-2", severity: high, kind: "iam/role", name: "policy", title: "Roles may do what their task needs and no more", why: "document, Rôle IAM: client-app", pass: "{}", fail: `{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}`, unless: wildcardActions},
	{
		id: "IAM.21", severity: high, kind: "iam/role", name: "policy", title: "Roles are allowed no service as a whole", why: "IAM.21, which counts NotAction as well", breaks: wildcardActions, should: "no Allow of service:*, nor with NotAction",
		pass: "{}", fail: `{"Statement":{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}`,
	},
	{id: "CICD-IAM-3", severity: high, kind: "iam/role", name: "other policies", title: "Roles have no policies beside their own", why: "a policy added by hand opens what the role is to keep closed", holds: is(""), should: "none", pass: "", fail: "arn:aws:iam::aws:policy/AdministratorAccess"},
	{id: "CICD-IAM-4", severity: medium, kind: "iam/instance-profile", name: "role", title: "Hosts have their own role", why: "document, Rôle IAM", pass: "acme-ecs-host", fail: "admin"},
}

const (
	docRPO = "document, RPO / RTO"
	docMA  = "document, RPO / RTO: RDS Multi AZ"
)

// databaseFields are about Aurora and its backups.
var databaseFields = []field{
	{id: "RDS.27", severity: high, kind: "rds/cluster", name: "encryption key", title: "Databases are encrypted with the client's key", why: "RDS.27, CIS 2.2.1", pass: "arn:a", fail: "none", fix: byHand},
	{id: "RDS.7", severity: medium, kind: "rds/cluster", name: "deletion protection", title: "Databases cannot be deleted by mistake", why: "RDS.7", holds: is("on"), should: "on", pass: "on", fail: "off"},
	{id: "RDS.16", severity: low, kind: "rds/cluster", name: "tags copied to snapshots", title: "Snapshots carry their database's tags", why: "RDS.16: without tags nobody knows whose a snapshot is", holds: is("on"), should: "on", pass: "on", fail: "off"},
	{id: "RDS.12", severity: medium, kind: "rds/cluster", name: "IAM authentication", title: "IAM authentication is on for databases", why: "RDS.12", holds: is("on"), should: "on", pass: "on", fail: "off"},
	{id: "CICD-BACKUP-1", severity: high, kind: "rds/cluster", name: "backup retention days", title: "Backups are kept as many days as agreed", why: docRPO + ": une sauvegarde par jour avec 30 jours de rétention", pass: "30", fail: "1"},
	{id: "CICD-BACKUP-11", severity: low, kind: "rds/cluster", name: "backup window", title: "Backups are made when agreed", why: docRPO + ": ces intervalles sont à confirmer avec le client", pass: "22:30-23:00", fail: "03:00-03:30"},
	{id: "CICD-MAINTENANCE-2", severity: medium, kind: "rds/cluster", name: "maintenance window", title: "Databases are maintained when agreed", why: "document, Fenêtre maintenance: cette plage sera à définir avec le client", pass: "sun:02:30-sun:04:00", fail: "mon:02:30-mon:04:00"},
	{id: "CICD-SG-3", severity: high, kind: "rds/cluster", name: "security groups", title: "Databases are behind their own security group", why: docSG, pass: "sg-1", fail: "sg-2"},
	{id: "CICD-RDS-1", severity: high, kind: "rds/cluster", name: "parameter group", title: "Databases have the client's parameters", why: "they make TLS compulsory", pass: "acme", fail: "default"},
	{id: "RDS.34", severity: medium, kind: "rds/cluster", name: "log exports", title: "Databases send their logs to CloudWatch", why: "RDS.34, RDS.37; document, Supervision", pass: "postgresql", fail: ""},
	{id: "CICD-RDS-2", severity: high, kind: "rds/cluster", name: "master password", title: "No person knows the database's master password", why: "Secrets Manager keeps and renews it", holds: is("kept in Secrets Manager"), should: "kept in Secrets Manager", pass: "kept in Secrets Manager", fail: "set by hand"},
	{id: "CICD-RDS-5", severity: low, kind: "rds/cluster", name: rules.FieldExtendedSupport, title: "Extended Support of the database is what the spec says", why: "it is billed per vCPU and hour once standard support is over; without it AWS upgrades the major version by itself then", pass: "off", fail: "on"},
	{id: "RDS.38", severity: medium, kind: "rds/cluster-parameter-group", name: "parameters", title: "Databases refuse connections without TLS", why: "RDS.38: passwords and data do not cross the network in clear", pass: "rds.force_ssl=1", fail: "rds.force_ssl=0"},
	{id: "CICD-MAINTENANCE-3", severity: medium, kind: "rds/instance", name: "maintenance window", title: "Database instances are maintained when agreed", why: "document, Fenêtre maintenance", pass: "sun:02:30-sun:04:00", fail: "mon:02:30-mon:04:00"},
	{id: "RDS.2", severity: high, kind: "rds/instance", name: "public address", title: "Databases have no public address", why: "RDS.2, CIS 2.2.3", holds: is("off"), should: "off", pass: "off", fail: "on"},
	{id: "RDS.13", severity: medium, kind: "rds/instance", name: "minor version upgrades", title: "Databases are patched", why: "RDS.13, CIS 2.2.2; document, Fenêtre maintenance: les mises à jour nécessaires à la sécurité", holds: is("on"), should: "on", pass: "on", fail: "off"},
	{id: "CICD-RDS-3", severity: low, kind: "rds/instance", name: "class", title: "Database instances are of the agreed class", why: "what is bigger costs more, what is smaller is slower", pass: "db.r6g.large", fail: "db.r6g.8xlarge"},
	{id: "CICD-RDS-4", severity: medium, kind: "rds/instance", name: "parameters", title: "Databases run with the parameters of their group", why: "a static parameter is in force only after a restart, and AWS restarts no database for it", holds: is("in-sync"), should: "in-sync", pass: "in-sync", fail: "pending-reboot", fix: "when it suits the client, run {client create}: it restarts one instance after the other, the writer last, after a failover"},
}

// platformFields are about hosts, containers, and the way in.
var platformFields = []field{
	{id: "ECS.12", severity: medium, kind: "ecs/cluster", name: "Container Insights", title: "Clusters are observed", why: "ECS.12; document, Supervision: CloudWatch", pass: "enabled", fail: "disabled"},
	{id: "EC2.8", severity: high, kind: "ec2/launch-template", name: "settings", title: "Hosts are started with the metadata service v2, encrypted disks and no public address", why: "EC2.8, EC2.25, CIS 5.7", pass: "MetadataOptions.HttpTokens: required", fail: "MetadataOptions.HttpTokens: optional"},
	{id: "CICD-ASG-1", severity: medium, kind: "autoscaling/group", name: "size", title: "There are as many hosts as agreed", why: "the spec says how many", pass: "3 to 6 hosts", fail: "0 to 1 hosts"},
	{id: "AutoScaling.2", severity: high, kind: "autoscaling/group", name: "subnets", title: "Hosts are spread over the client's three zones", why: "AutoScaling.2; document, RPO / RTO: ECS cluster Multi AZ", pass: "subnet-1\nsubnet-2\nsubnet-3", fail: "subnet-1"},
	{id: "AutoScaling.9", severity: medium, kind: "autoscaling/group", name: "launch template", title: "Hosts are started from the client's template", why: "AutoScaling.9", pass: "lt-1 $Latest", fail: "lt-2 $Latest"},
	{id: "ECS.5", severity: high, kind: "ecs/task-definition", name: "confinement", title: "Containers are confined", why: "ECS.4, ECS.5: not privileged, with a read-only root filesystem", holds: is("privileged: off\nread-only root: on"), should: "not privileged, read-only root, nothing of the host", fix: withoutExec, pass: "privileged: off\nread-only root: on", fail: "privileged: on\nread-only root: on"},
	{id: "ECS.9", severity: medium, kind: "ecs/task-definition", name: "logs", title: "Containers log to the client's log group", why: "ECS.9; document, Supervision", pass: "driver: awslogs", fail: "driver: none"},
	{id: "CICD-ECS-1", severity: high, kind: "ecs/task-definition", name: "task role", title: "Containers act as their app's role", why: "document, Rôle IAM: client-app", pass: "arn:acme-shop", fail: "arn:admin"},
	{id: "CICD-ECS-2", severity: high, kind: "ecs/service", name: "network", title: "Services are in the client's subnets, behind their group, without public addresses", why: docSG + "; ECS.2", pass: "public address: off", fail: "public address: on"},
	{id: "CICD-ECS-3", severity: medium, kind: "ecs/service", name: "rollout", title: "A bad image never takes a service down", why: "document, Processus de déploiement: deployments that fail are rolled back", pass: "rollback: on", fail: "rollback: off"},
	{id: "CICD-ECS-4", severity: medium, kind: "ecs/service", name: "exec", title: "Nobody gets a shell in a container", why: "what is changed by hand is in no image; where the spec allows it, it is told all the same", holds: is("off"), should: "off", fix: withoutExec, pass: "off", fail: "on"},
	{id: "CICD-SCALING-1", severity: medium, kind: "application-autoscaling/scalable-target", name: "range", title: "The number of tasks follows their load between the agreed numbers", why: "the spec says between which", pass: "2 to 6", fail: "0 to 60"},
	{id: "CICD-SCALING-2", severity: medium, kind: "application-autoscaling/scalable-target", name: "policy", title: "Tasks are added before their CPUs are full", why: "without a policy nothing is scaled", pass: "ECSServiceAverageCPUUtilization at 60", fail: ""},
	{id: "ELB.6", severity: medium, kind: "elb/load-balancer", name: "deletion protection", title: "Load balancers cannot be deleted by mistake", why: "ELB.6", holds: is("true"), should: "true", pass: "true", fail: "false"},
	{id: "ELB.4", severity: medium, kind: "elb/load-balancer", name: "drop invalid headers", title: "Load balancers drop invalid headers", why: "ELB.4", holds: is("true"), should: "true", pass: "true", fail: "false"},
	{id: "ELB.12", severity: medium, kind: "elb/load-balancer", name: "desync mitigation", title: "Load balancers mitigate request smuggling", why: "ELB.12", holds: func(have string) bool { return have == "defensive" || have == "strictest" }, should: "defensive or strictest", pass: "defensive", fail: "monitor"},
	{id: "ELB.5", severity: medium, kind: "elb/load-balancer", name: "access logs", title: "Load balancers write who used them to the region's bucket of access logs", why: "ELB.5; network load balancers write logs of TLS listeners only, and have none here", pass: "s3://cicdctl-logs/acme/load-balancer", fail: "off"},
	{id: "ELB.13", severity: high, kind: "elb/load-balancer", name: "subnets", title: "Load balancers are in all three zones", why: "ELB.13: targets in a zone without the load balancer get nothing", pass: "subnet-1\nsubnet-2\nsubnet-3", fail: "subnet-1"},
	{id: "CICD-SG-4", severity: high, kind: "elb/load-balancer", name: "security groups", title: "Load balancers are behind their own security group", why: docSG, pass: "sg-1", fail: "sg-2"},
	{id: "ELB.9", severity: high, kind: "elb/load-balancer", name: "cross-zone balancing", title: "Network load balancers send to all zones", why: "ELB.9: file transfer has one task, in one zone, and people come in through all of them", holds: is("true"), should: "true", pass: "true", fail: "false"},
	{id: "CICD-ELB-2", severity: medium, kind: "elb/target-group", name: "client addresses kept", title: "File servers see their load balancer, not the internet", why: docACL + ": the client's network ACL lets in the edge only, so nobody could connect", holds: is("false"), should: "false", pass: "false", fail: "true"},
	{id: "CICD-ELB-3", severity: high, kind: "elb/listener", name: "default action", title: "Ports of load balancers lead to the spec's services", why: "another service would get a client's files", pass: "forward to tg-1", fail: "forward to tg-2"},
	{id: "ELB.17", severity: high, kind: "elb/listener", name: "TLS policy", title: "HTTPS speaks TLS 1.2 and 1.3 with modern ciphers only", why: "ELB.17", pass: rules.TLSPolicy, fail: "ELBSecurityPolicy-2016-08"},
	{id: "CICD-TLS-1", severity: high, kind: "elb/listener", name: "certificate", title: "HTTPS shows the client's certificate", why: "browsers refuse another's", pass: "arn:acm:1", fail: "arn:acm:2"},
	{id: "CICD-TLS-2", severity: medium, kind: "elb/listener", name: "further certificates", title: "HTTPS has a certificate for each domain of the spec, and no other", why: "browsers refuse a name without its certificate", pass: "arn:acm:1", fail: ""},
	{id: "ELB.1", severity: medium, kind: "elb/listener-rule", name: "action", title: "Requests reach their service, over HTTPS where the domain has a certificate", why: "ELB.1: HTTP is redirected to HTTPS", pass: "redirect HTTP_301 to HTTPS", fail: "forward to tg-1"},
	{
		id: "ACM.1", severity: medium, kind: "acm/certificate", name: "validity", title: "Certificates are issued, and renewed in time", why: "ACM.1: renewed 30 days before their end; a request without its DNS record lapses after 72 hours",
		holds: func(have string) bool { return have == "issued" || have == "requested" }, should: "issued", pass: "issued", fail: "ends on 2026-12-01 and has not been renewed",
		fix: "put the DNS record that cicdctl client show names into the DNS of the domain, and leave it there",
	},
	{id: "CICD-TLS-3", severity: low, kind: "acm/certificate", name: "DNS record", title: "The record by which certificates are renewed is in its hosted zone", why: "without it AWS renews nothing", pass: "in its hosted zone", fail: ""},
	{id: "CICD-ELB-1", severity: medium, kind: "elb/target-group", name: "health check", title: "Targets are checked as the runtime needs", why: "what is ill gets no requests", pass: "checks on", fail: "checks off"},
}
