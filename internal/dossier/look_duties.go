package dossier

import "gitlab.com/cicd/cicdctl/internal/lang"

// duties says who looks after what of a service of AWS, and by which kinds it is seen that the client
// has it. The rows follow the document ("Responsabilité partagée", "Services utilisés") and AWS's
// shared responsibility model (https://aws.amazon.com/compliance/shared-responsibility-model/):
// AWS answers for the cloud, its customer for what is in it, and how much that is depends on the service.
var duties = []struct {
	Service
	kinds []string
}{
	{Service{
		"Amazon VPC", lang.Text("the physical network, and the separation of VPCs"),
		lang.Text("subnets, network ACLs, security groups, routes and NAT gateways, and the proof that no client reaches another"), lang.Text("which outside addresses may come in"),
	}, []string{"ec2/subnet"}},
	{Service{
		"Elastic Load Balancing", lang.Text("the load balancers themselves, their availability and their patches"),
		lang.Text("listeners, rules, TLS policy and certificates"), lang.Text("the DNS of the client's domains"),
	}, []string{"elb/load-balancer"}},
	{Service{
		"Amazon EC2", lang.Text("machines, hypervisors and data centres"),
		lang.Text("the hosts' operating system and its updates, by renewing the hosts, and their number"), lang.Text("nothing"),
	}, []string{"autoscaling/group"}},
	{Service{
		"Amazon ECS", lang.Text("the control plane that places containers"),
		lang.Text("the cluster, the services, deployments and their withdrawal, and the confinement of containers"), lang.Text("the application and the libraries in its images"),
	}, []string{"ecs/cluster"}},
	{Service{
		"Amazon ECR", lang.Text("the registry, and the list of known vulnerabilities"),
		lang.Text("scans of images, encryption, and how long images are kept"), lang.Text("images without vulnerabilities: what a scan finds is mended there"),
	}, []string{"ecr/repository"}},
	{Service{
		"Amazon RDS Aurora", lang.Text("hardware, storage in three availability zones, and patches of the engine, in the maintenance window"),
		lang.Text("settings, encryption, backups, restore drills and the choice of windows"), lang.Text("data, schema and queries, and who uses the database's accounts"),
	}, []string{"rds/cluster"}},
	{Service{
		"Amazon S3", lang.Text("durability and availability of what is stored"),
		lang.Text("policies, encryption, versions, and how long they are kept"), lang.Text("what is stored, and to whom the application shows it"),
	}, []string{"s3/bucket"}},
	{Service{
		"AWS Backup and Amazon S3 Glacier", lang.Text("durability of the copies"),
		lang.Text("when copies are made, how long they are kept, and that they can be restored"), lang.Text("agreeing to intervals and retention"),
	}, []string{"scheduler/group"}},
	{Service{
		"AWS KMS", lang.Text("key material that never leaves its hardware modules"),
		lang.Text("key policies, yearly rotation, and the client's RSA key in a bucket for admins alone"), lang.Text("nothing"),
	}, []string{"kms/key"}},
	{Service{
		"AWS Site-to-Site VPN", lang.Text("both tunnel endpoints in AWS"),
		lang.Text("the connection, its encryption and its routes"), lang.Text("the device at the site, and its pre-shared keys"),
	}, []string{"ec2/vpn-connection"}},
	{Service{
		"AWS Client VPN", lang.Text("the endpoint"),
		lang.Text("certificates, their revocation, and where users get to"), lang.Text("the users' devices, and telling when somebody leaves"),
	}, []string{"ec2/client-vpn-endpoint"}},
	{Service{
		"AWS Secrets Manager", lang.Text("storage of the secrets"),
		lang.Text("encryption, and which containers get them"), lang.Text("the passwords and keys of the client's own users"),
	}, []string{"secretsmanager/secret"}},
	{Service{
		"Amazon CloudWatch and AWS CloudTrail", lang.Text("collection and storage of metrics, logs and events"),
		lang.Text("alarms, retention, and answering alarms"), lang.Text("what the application writes to its logs"),
	}, []string{"cloudwatch/alarm", "logs/log-group"}},
}

// responsibility tells who looks after what, of the services that the client has.
func (l *look) responsibility() Responsibility {
	var rests []string
	r := Responsibility{Services: []Service{}}
	for _, d := range duties {
		rests = append(rests, d.kinds...)
		for _, kind := range d.kinds {
			if len(l.own[kind]) > 0 {
				r.Services = append(r.Services, d.Service)
				break
			}
		}
	}
	r.Told = l.told(rests...)
	return r
}

// vpn tells how sites and people come in.
func (l *look) vpn() VPN {
	v := VPN{Told: l.told(askedSites, askedPeople, "ec2/customer-gateway", "ec2/client-vpn-endpoint"), Sites: []Site{}, People: []Person{}}
	for _, c := range l.sites {
		s := Site{Name: c.Site, State: c.State, Ranges: joined(c.Routes), Tunnels: []Tunnel{}}
		for _, t := range c.Tunnels {
			s.Tunnels = append(s.Tunnels, Tunnel{Number: t.Number, Outside: t.Outside.String(), Up: t.Up, Since: t.Since, Message: l.names.other(t.Message)})
		}
		for _, connection := range l.own["ec2/vpn-connection"] {
			for _, device := range l.own["ec2/customer-gateway"] {
				if connection.ID == c.ID && device.ID == text(&connection, "customer gateway") {
					s.Device = text(&device, "address")
				}
			}
		}
		v.Sites = append(v.Sites, s)
	}
	for _, e := range l.own["ec2/client-vpn-endpoint"] {
		v.Endpoint = &Endpoint{Addresses: text(&e, "addresses of people"), Session: text(&e, "session"), Transport: text(&e, "transport"), Port: text(&e, "port")}
	}
	for _, p := range l.people {
		v.People = append(v.People, Person{Name: p.Person, State: p.State, Issued: p.Issued, Expires: p.Expires})
	}
	return v
}
