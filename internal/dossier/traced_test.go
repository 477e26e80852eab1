package dossier

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"gitlab.com/cicd/cicdctl/internal/audit"
)

func only(lines ...string) func(*account) []string {
	return func(*account) []string { return lines }
}

func tagged(tags []ecstypes.Tag, key string) string {
	for _, t := range tags {
		if aws.ToString(t.Key) == key {
			return aws.ToString(t.Value)
		}
	}
	return ""
}

// unitOf is "app|service|env" by tags of ECS.
func unitOf(tags []ecstypes.Tag) string {
	return tagged(tags, "cicdctl:app") + "|" + tagged(tags, "cicdctl:service") + "|" + tagged(tags, "cicdctl:env")
}

func zulu(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// same is a moment of a tag as Go writes it.
func same(text string) string {
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return text
	}
	return zulu(at)
}

// now is what a clock in the bubble shows.
func now() time.Time { return time.Now().UTC().Truncate(time.Second) }

// traced is every field of a dossier, and where it is held.
func traced() []row {
	return []row{
		{"", []string{"client", "region", "city", "cicdctl", "made"}, only("ACME|eu-west-3|Paris|test|" + now().Format(time.RFC3339)), false},
		// The texts are a table of the program's: what is traced is for which services they stand.
		{"responsibility.services[]", []string{"name", "aws", "host", "client"}, func(*account) []string {
			var out []string
			for _, d := range duties { // the sample has all
				out = append(out, d.Name+"|"+d.AWS+"|"+d.Host+"|"+d.Client)
			}
			return out
		}, false},

		{"place", []string{"region", "city", "slot", "vpc"}, only("eu-west-3|Paris|0|cicdctl-vpc"), false},
		{"place.ranges[]", []string{""}, ranges, false},
		{"place.subnets[]", []string{"name", "zone", "zone_id", "range"}, func(a *account) []string {
			return each(a.subnets, func(s types.Subnet) string {
				if tagOf(s.Tags, "cicdctl:client") != "ACME" {
					return ""
				}
				return strings.Join([]string{tagOf(s.Tags, "cicdctl:role"), *s.AvailabilityZone, *s.AvailabilityZoneId, *s.CidrBlock}, "|")
			})
		}, false},

		{"network", []string{"vpc", "people", "isolated"}, only("cicdctl-vpc|10.21.0.0/22|true"), false}, // isolated: internal/isolation's tests; a hole: TestAHoleShows
		{"network.ranges[]", []string{""}, ranges, false},
		{"network.subnets[]", []string{"name", "zone", "range", "acl", "shared"}, func(a *account) []string {
			return each(a.subnets, func(s types.Subnet) string {
				for _, x := range a.acls {
					for _, as := range x.Associations {
						if aws.ToString(as.SubnetId) == *s.SubnetId {
							return strings.Join([]string{tagOf(s.Tags, "cicdctl:role"), *s.AvailabilityZoneId, *s.CidrBlock, tagOf(x.Tags, "cicdctl:role"), fmt.Sprint(tagOf(s.Tags, "cicdctl:client") == "")}, "|")
						}
					}
				}
				return ""
			})
		}, false},
		{"network.nat_gateways[]", []string{"name", "public_address", "subnet"}, func(a *account) []string {
			return each(a.nats, func(n types.NatGateway) string {
				return tagOf(n.Tags, "cicdctl:role") + "|" + aws.ToString(n.NatGatewayAddresses[0].PublicIp) + "|" + a.roleOf(n.SubnetId)
			})
		}, false},
		{"network.members[].addresses[]", []string{"^name", ""}, func(a *account) []string {
			return each(a.interfaces, func(i types.NetworkInterface) string {
				if len(i.Groups) == 0 {
					return "" // of a NAT gateway
				}
				return a.roleOf(i.Groups[0].GroupId) + "|" + aws.ToString(i.PrivateIpAddress)
			})
		}, false},
		{"network.members[].subnets[]", []string{"^name", ""}, func(a *account) []string {
			out := each(a.interfaces, func(i types.NetworkInterface) string {
				if len(i.Groups) == 0 {
					return ""
				}
				return a.roleOf(i.Groups[0].GroupId) + "|" + a.roleOf(i.SubnetId)
			})
			slices.Sort(out)
			return slices.Compact(out)
		}, false},
		{"network.members[]", []string{"name", "balancer"}, only("database|false", "hosts|false", "load-balancer|true", "shop-api|false", "shop-web|false", "transfer|true", "vpn|false"), false},
		{"network.sites[]", []string{"name", "ranges"}, only("office|192.168.20.0/24"), false},
		{"network.flows[]", []string{"from", "site", "source", "member", "traffic"}, func(a *account) []string {
			var out []string
			for _, line := range a.groupRules() { // what groups let in from ranges, and ACLs do as well
				parts := strings.Split(line, "|")
				if parts[1] == "true" || !strings.Contains(parts[3], "/") {
					continue
				}
				if from := parts[3]; from == "192.168.20.0/24" {
					out = append(out, "site|office|"+from+"|"+parts[0]+"|"+parts[2])
				} else {
					out = append(out, "internet||"+from+"|"+parts[0]+"|"+parts[2])
				}
			}
			for _, line := range a.entries("ACME") { // and what ACLs let in from the public subnets
				parts := strings.Split(line, "|")
				if parts[1] == "false" && parts[3] == "allow" && parts[5] == "10.20.240.0/20" {
					out = append(out, "public subnets||10.20.240.0/21 10.20.248.0/22||"+parts[4]+" "+parts[6])
				}
			}
			return out
		}, false},
		{"network.flows[].destination[]", []string{""}, func(a *account) []string {
			out := each(a.interfaces, func(i types.NetworkInterface) string { return aws.ToString(i.PrivateIpAddress) + "/32" })
			return append(out, "10.20.0.0/20", "10.20.16.0/21") // the three subnets of the client
		}, true},
		{"network.flows[].through[][]", []string{"layer", "name", "outbound", "number", "traffic", "peer", "kind"}, func(a *account) []string {
			var out []string
			for _, line := range append(a.entries("ACME"), a.entries("")...) {
				p := strings.Split(line, "|")
				out = append(out, "acl|"+p[0]+"|"+p[1]+"|"+p[2]+"|"+strings.TrimSpace(p[4]+" "+p[6])+"|"+p[5]+"|")
			}
			for _, line := range a.groupRules() {
				p := strings.Split(line, "|")
				out = append(out, "group|"+p[0]+"|"+p[1]+"||"+p[2]+"|"+p[3]+"|")
			}
			for _, t := range a.tables {
				for _, r := range t.Routes {
					to, kind := r.GatewayId, map[bool]string{true: "internet gateway", false: "VPN gateway"}[strings.HasPrefix(aws.ToString(r.GatewayId), "igw-")]
					out = append(out, "route|"+tagOf(t.Tags, "cicdctl:role")+"|false||"+aws.ToString(r.DestinationCidrBlock)+"|"+a.roleOf(to)+"|"+kind)
				}
			}
			return out
		}, true},
		{"network.links[]", []string{"from", "to", "traffic"}, func(a *account) []string {
			all := a.groupRules()
			var out []string
			for _, line := range all {
				p := strings.Split(line, "|")
				if p[1] == "true" && slices.Contains(all, p[3]+"|false|"+p[2]+"|"+p[0]) {
					out = append(out, p[0]+"|"+p[3]+"|"+p[2])
				}
			}
			return out
		}, false},
		{"network.outbound[]", []string{"subnet", "destination", "by", "name"}, func(a *account) []string {
			var out []string
			for _, t := range a.tables {
				for _, as := range t.Associations {
					for _, r := range t.Routes {
						switch {
						case tagOf(t.Tags, "cicdctl:client") != "ACME":
						case r.NatGatewayId != nil:
							out = append(out, a.roleOf(as.SubnetId)+"|"+aws.ToString(r.DestinationCidrBlock)+"|NAT gateway|"+a.roleOf(r.NatGatewayId))
						case strings.HasPrefix(aws.ToString(r.GatewayId), "vgw-"):
							out = append(out, a.roleOf(as.SubnetId)+"|"+aws.ToString(r.DestinationCidrBlock)+"|VPN gateway|vpn")
						}
					}
				}
			}
			return out
		}, false},

		{"access.acls[]", []string{"name"}, only("client"), false},
		{"access.acls[].entries[]", []string{"^name", "outbound", "number", "action", "protocol", "range", "ports"}, func(a *account) []string { return a.entries("ACME") }, false},
		{"access.groups[]", []string{"name"}, func(a *account) []string {
			return each(a.groups, func(g types.SecurityGroup) string { return tagOf(g.Tags, "GroupName") })
		}, false},
		{"access.groups[].rules[]", []string{"^name", "outbound", "traffic", "peer"}, (*account).groupRules, false},

		{"vpn.sites[]", []string{"name", "state", "device", "ranges"}, func(a *account) []string {
			return each(a.sites, func(v types.VpnConnection) string {
				return tagOf(v.Tags, "cicdctl:role") + "|" + string(v.State) + "|" + aws.ToString(a.devices[0].IpAddress) + "|" + aws.ToString(v.Routes[0].DestinationCidrBlock)
			})
		}, false},
		{"vpn.sites[].tunnels[]", []string{"number", "outside", "up", "since", "message"}, func(a *account) []string {
			var out []string
			options := slices.Clone(a.sites[0].Options.TunnelOptions)
			slices.SortFunc(options, func(x, y types.TunnelOption) int { return strings.Compare(*x.TunnelInsideCidr, *y.TunnelInsideCidr) })
			for i, o := range options {
				for _, told := range a.sites[0].VgwTelemetry {
					if aws.ToString(told.OutsideIpAddress) == aws.ToString(o.OutsideIpAddress) {
						out = append(out, fmt.Sprintf("%d|%s|%t|%s|%s", i+1, *o.OutsideIpAddress, told.Status == types.TelemetryStatusUp, zulu(*told.LastStatusChange), aws.ToString(told.StatusMessage)))
					}
				}
			}
			return out
		}, false},
		{"vpn.endpoint", []string{"addresses", "session", "transport", "port"}, func(a *account) []string {
			e := a.endpoints[0]
			return []string{fmt.Sprintf("%s|%d hours|%s|%d", *e.ClientCidrBlock, aws.ToInt32(e.SessionTimeoutHours), e.TransportProtocol, aws.ToInt32(e.VpnPort))}
		}, false},
		{"vpn.people[]", []string{"name", "state", "issued", "expires"}, (*account).certificates, false},

		{"application.balancers[]", []string{"name", "type", "address", "public"}, func(a *account) []string {
			return each(a.balancers, func(b elbtypes.LoadBalancer) string {
				return fmt.Sprintf("%s|%s|%s|%t", strings.TrimPrefix(*b.LoadBalancerName, "acme-"), b.Type, *b.DNSName, b.Scheme == "internet-facing")
			})
		}, false},
		{"application.services[]", []string{"app", "service", "env", "running", "wanted", "image"}, func(a *account) []string {
			return each(a.services, func(s ecstypes.Service) string {
				return fmt.Sprintf("%s|%d|%d|%s", unitOf(s.Tags), s.RunningCount, s.DesiredCount, a.tagOfImage(s))
			})
		}, false},
		{"application.services[]", []string{"app", "service", "env", "port"}, func(a *account) []string {
			return each(a.services, func(s ecstypes.Service) string {
				var all []string
				for _, b := range s.LoadBalancers {
					all = append(all, fmt.Sprintf("%5d", aws.ToInt32(b.ContainerPort)))
				}
				slices.Sort(all)
				for i := range all {
					all[i] = strings.TrimSpace(all[i])
				}
				return unitOf(s.Tags) + "|" + strings.Join(all, ", ")
			})
		}, true},
		{"application.services[]", []string{"app", "service", "env", "database"}, func(a *account) []string {
			return each(a.services, func(s ecstypes.Service) string {
				group := a.roleOf(&s.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups[0])
				lets := slices.Contains(a.groupRules(), group+"|true|tcp 5432|database") && slices.Contains(a.groupRules(), "database|false|tcp 5432|"+group)
				return fmt.Sprintf("%s|%t", unitOf(s.Tags), lets)
			})
		}, false},
		{"application.services[]", []string{"app", "service", "env", "bucket"}, func(a *account) []string {
			return each(a.services, func(s ecstypes.Service) string {
				for _, e := range a.definitionOf(s).ContainerDefinitions[0].Environment {
					if aws.ToString(e.Name) == "BUCKET" && a.tagOfImage(s) != "" {
						return unitOf(s.Tags) + "|" + strings.Replace(aws.ToString(e.Value), "123456789012", "…", 1)
					}
				}
				return unitOf(s.Tags) + "|"
			})
		}, false},
		{"application.services[].secrets[]", []string{"^service", ""}, func(a *account) []string {
			var out []string
			for _, s := range a.services {
				for _, secret := range a.definitionOf(s).ContainerDefinitions[0].Secrets {
					out = append(out, tagged(s.Tags, "cicdctl:service")+"|"+aws.ToString(secret.Name))
				}
			}
			return out
		}, false},
		{"application.services[].routes[]", []string{"^app", "^service", "^env", "balancer", "listener", "redirects"}, func(a *account) []string { return a.routes(false) }, false},
		{"application.services[].routes[].conditions[]", []string{"^^service", "^^env", "^listener", ""}, func(a *account) []string { return a.routes(true) }, false},
		{"application.database", []string{"name", "engine", "version", "port"}, func(a *account) []string {
			return []string{fmt.Sprintf("%s|%s|%s|%d", *a.cluster.DBClusterIdentifier, *a.cluster.Engine, *a.cluster.EngineVersion, aws.ToInt32(a.cluster.Port))}
		}, false},
		{"application.database.instances[]", []string{"name", "class", "zone", "role"}, func(a *account) []string {
			var out []string
			for _, i := range a.instances {
				for _, m := range a.cluster.DBClusterMembers {
					if *m.DBInstanceIdentifier == *i.DBInstanceIdentifier {
						out = append(out, strings.Join([]string{*i.DBInstanceIdentifier, *i.DBInstanceClass, *i.AvailabilityZone, map[bool]string{true: "writer", false: "reader"}[*m.IsClusterWriter]}, "|"))
					}
				}
			}
			return out
		}, false},
		{"application.buckets[]", []string{"name", "role", "public_access", "versioning"}, func(a *account) []string {
			var out []string
			for _, name := range a.buckets {
				for _, role := range []string{"archive", "shop"} {
					if strings.HasPrefix(name, "acme-"+role) {
						out = append(out, strings.Replace(name, "123456789012", "…", 1)+"|"+role+"|public ACLs and policies blocked, existing ones ignored|on")
					}
				}
			}
			return out
		}, false},

		{"runtimes.database", []string{"engine", "version", "extended_support", "minor_version_upgrades", "standard_support_until"}, func(a *account) []string {
			return []string{fmt.Sprintf("%s|%s|%t|%s|2041-02-28T23:59:59Z", *a.cluster.Engine, *a.cluster.EngineVersion, aws.ToString(a.cluster.EngineLifecycleSupport) == "open-source-rds-extended-support", map[bool]string{true: "on", false: "off"}[aws.ToBool(a.instances[0].AutoMinorVersionUpgrade)])}
		}, false},
		{"runtimes.hosts[]", []string{"name", "size", "type", "image"}, func(a *account) []string {
			g, data := a.hosts[0], a.templates[0].LaunchTemplateData
			return []string{fmt.Sprintf("hosts|%d in service, %d to %d hosts|%s|%s", len(g.Instances), aws.ToInt32(g.MinSize), aws.ToInt32(g.MaxSize), data.InstanceType, strings.TrimPrefix(*data.ImageId, "resolve:ssm:"))}
		}, false},
		{"runtimes.images[]", []string{"app", "service", "env", "state", "tag", "digest", "deployed"}, func(a *account) []string {
			return each(a.services, func(s ecstypes.Service) string {
				if a.tagOfImage(s) == "" {
					return unitOf(s.Tags) + "|not deployed|||"
				}
				_, digest, _ := strings.Cut(*a.definitionOf(s).ContainerDefinitions[0].Image, "@")
				return unitOf(s.Tags) + "|running|" + a.tagOfImage(s) + "|" + digest + "|" + same(a.tagOfDefinition(s, "cicdctl:deployed"))
			})
		}, false},
		{"runtimes.listeners[]", []string{"name", "policy"}, func(a *account) []string {
			return each(a.listeners, func(l elbtypes.Listener) string {
				if l.SslPolicy == nil {
					return ""
				}
				return fmt.Sprintf("%s %d|%s", l.Protocol, *l.Port, *l.SslPolicy)
			})
		}, false},
		// Of the server of OpenVPN's certificate, ACM tells the end; the sandbox has issued the others.
		{"runtimes.certificates[]", []string{"domain", "validity"}, only("preview.shop.example|issued", "shop.example|issued", "vpn|2001-02-01"), false},

		{"recovery", []string{"database", "rpo_target_seconds"}, only("true|300"), false},
		{"recovery.last", []string{"at", "restored", "rpo_seconds", "rto_seconds", "ok"}, func(a *account) []string { return []string{a.drill()} }, false},
		{"recovery.drills[]", []string{"at", "restored", "rpo_seconds", "rto_seconds", "ok"}, func(a *account) []string { return []string{a.drill()} }, false},

		{"backups.points[]", []string{"kind", "name", "at", "since", "kept_days", "status", "restorable"}, func(a *account) []string {
			c := a.cluster
			return []string{fmt.Sprintf("continuous|%s|%s|%s|%d|%s|true", *c.DBClusterIdentifier, zulu(*c.LatestRestorableTime), zulu(*c.EarliestRestorableTime), aws.ToInt32(c.BackupRetentionPeriod), *c.Status)}
		}, false},

		{"maintenance", []string{"time_zone"}, func(a *account) []string { return []string{a.schedule("host-refresh")[1]} }, false},
		{"maintenance.windows[]", []string{"what", "of", "text", "zone"}, func(a *account) []string {
			out := []string{
				WindowDatabase + "|acme|" + *a.cluster.PreferredMaintenanceWindow + "|UTC", WindowBackup + "|acme|" + *a.cluster.PreferredBackupWindow + "|UTC",
				WindowHosts + "|acme|" + strings.Join(a.schedule("host-refresh"), "|"),
			}
			for _, i := range a.instances {
				out = append(out, WindowDatabase+"|"+*i.DBInstanceIdentifier+"|"+*i.PreferredMaintenanceWindow+"|UTC")
			}
			return out
		}, false},
		{"maintenance.windows[]", []string{"text", "day", "start", "minutes"}, only( // what the texts above say
			"22:30-23:00|-1|1350|30", "cron(30 3 ? * SUN *)|0|210|0", "sun:02:30-sun:04:00|0|150|90", "sun:02:30-sun:04:00|0|150|90", "sun:02:30-sun:04:00|0|150|90"), false},
		{"maintenance.other[]", []string{""}, func(a *account) []string {
			return []string{WindowArchive + ": " + strings.Join(a.schedule("archive"), " ")}
		}, false},

		{"deployments", []string{"since"}, only(now().AddDate(0, 0, -90).Format(time.RFC3339)), false},
		{"deployments.deployments[]", []string{"app", "service", "env", "revision", "tag", "digest", "registered", "deployed"}, func(a *account) []string {
			return each(a.revisions, func(r ecs.DescribeTaskDefinitionOutput) string {
				if tagged(r.Tags, "cicdctl:image-tag") == "" {
					return "" // the first of a service, that nobody deployed
				}
				_, digest, _ := strings.Cut(*r.TaskDefinition.ContainerDefinitions[0].Image, "@")
				return fmt.Sprintf("%s|%d|%s|%s|%s|%s", unitOf(r.Tags), r.TaskDefinition.Revision, tagged(r.Tags, "cicdctl:image-tag"), digest, zulu(*r.TaskDefinition.RegisteredAt), same(tagged(r.Tags, "cicdctl:deployed")))
			})
		}, false},
		{"deployments.deployments[]", []string{"service", "env", "tag", "state", "by"}, only( // as the sample was made, by the sandbox's caller
			"web|preview|v1|ran|assumed-role/operator/sandbox", "web|prod|v1|running|assumed-role/operator/sandbox",
			"api|preview|v7|running|assumed-role/operator/sandbox", "web|preview|v2|running|assumed-role/operator/sandbox"), false},

		{"alarms.alarms[]", []string{"name", "state", "silent", "severity", "about"}, func(a *account) []string {
			var out []string
			for _, one := range a.alarms {
				severity, about, _ := strings.Cut(strings.TrimPrefix(*one.AlarmDescription, "["), "] ACME : ")
				_, about, _ = strings.Cut(about, " / ") // French is first
				about, _, _ = strings.Cut(about, ". To do: ")
				out = append(out, fmt.Sprintf("%s|%s|%t|%s|%s", strings.TrimPrefix(*one.AlarmName, "acme-"), one.StateValue, !aws.ToBool(one.ActionsEnabled), severity, about))
			}
			return out
		}, false},
		{"alarms.addresses[]", []string{""}, only("ops@acme.example"), false},
		{"alarms.not_confirmed[]", []string{""}, only("ops@acme.example"), false}, // nobody confirms in the sandbox

		{"keys.keys[]", []string{"name", "purpose"}, func(a *account) []string {
			var out []string
			for _, role := range []string{"archive", "client", "vpn"} {
				alias := "alias/cicdctl/client/acme" + map[string]string{"archive": "/archive", "vpn": "/vpn"}[role]
				key, err := a.api.KMS.DescribeKey(context.Background(), &kms.DescribeKeyInput{KeyId: &alias})
				if err != nil {
					return []string{alias + ": " + err.Error()}
				}
				out = append(out, fmt.Sprintf("%s|%s for %s", role, key.KeyMetadata.KeySpec, key.KeyMetadata.KeyUsage))
			}
			return out
		}, false},
		{"keys.keys[]", []string{"name", "state", "rotation"}, only("archive|on|every 365 days", "client|on|every 365 days", "vpn|on|"), false},
		{"keys.keys[].open_to[]", []string{"^name", ""}, only( // internal/rules' policies; another by hand: TestChangesByHandShow
			"archive|the account, by its own policies", "client|cloudwatch.amazonaws.com", "client|events.amazonaws.com", "client|logs.eu-west-3.amazonaws.com",
			"client|role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling*", "client|the account, by its own policies",
			"vpn|role/*/operator", "vpn|role/operator", "vpn|the account, by its own policies"), false},
		{"keys.key_pair", []string{"name", "type", "private_key", "encryption"}, only("acme|ssh-rsa|readable|aws:kms"), false},
		{"keys.admins[]", []string{""}, only("role/*/operator", "role/operator", "the account's root user"), false}, // the sandbox's caller made it

		{"audit", []string{"rules"}, only(fmt.Sprint(audit.RuleCount())), false},
	}
}
