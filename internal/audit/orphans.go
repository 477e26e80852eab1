package audit

import (
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// billing is how kinds are billed as long as they are there. Kinds that are not here cost by use, or
// nothing. There is no amount: prices are those of AWS's price list (--cost).
var billing = map[string]string{
	"ec2/nat-gateway":      lang.Text("billed by the hour"),
	"ec2/elastic-ip":       lang.Text("billed by the hour"),
	"elb/load-balancer":    lang.Text("billed by the hour"),
	"kms/key":              lang.Text("billed by the month"),
	"ec2/vpn-connection":   lang.Text("billed by the hour"), // whether a tunnel is up or not
	"rds/instance":         lang.Text("billed by the hour for its class"),
	"rds/cluster":          lang.Text("billed for its storage and its backups"),
	"autoscaling/group":    lang.Text("its hosts are billed by the hour"),
	"s3/bucket":            lang.Text("billed for what is in it"),
	"rds/cluster-snapshot": lang.Text("billed for its size"),
	"instance":             lang.Text("billed by the hour for its type"),
}

// costOf says what it costs to leave a resource of a kind, or nothing when that is
// nothing or not known.
func costOf(kind string) string { return lang.Say(billing[kind]) }

// IDs of the findings about orphans.
const (
	orphaned = "CICD-ORPHAN-1"
	keptData = "CICD-ORPHAN-2"
)

// Tagged is something that carries cicdctl's tags, as AWS's tagging service tells.
type Tagged struct {
	ARN  string
	Tags map[string]string
}

// Known are the identifiers that some declaration answers for.
type Known map[string]bool

// Has reports whether an ARN is that of something known: IDs are ARNs, names, or
// the last part of an ARN.
func (k Known) Has(arn string) bool {
	whole := strings.TrimSuffix(arn, ":*")
	if k[arn] || k[whole] {
		return true
	}
	rest := whole
	for range 5 { // "arn", partition, service, region, account
		_, after, ok := strings.Cut(rest, ":")
		if !ok {
			return false
		}
		rest = after
	}
	if k[rest] {
		return true
	}
	for _, sep := range []string{":", "/"} {
		if _, after, ok := strings.Cut(rest, sep); ok && k[after] || k[rest[strings.LastIndex(rest, sep)+1:]] {
			return true
		}
	}
	return false
}

// MadeByAWS reports whether AWS itself made something with the tags of what it
// belongs to: hosts of an Auto Scaling group with their disks and interfaces,
// tasks, and automated snapshots.
func (t Tagged) MadeByAWS() bool {
	for key := range t.Tags {
		if strings.HasPrefix(key, "aws:") {
			return true
		}
	}
	return slices.ContainsFunc([]string{":volume/", ":network-interface/", ":task/", ":container-instance/", ":cluster-snapshot:rds:", ":cluster-snapshot:awsbackup:", ":secret:rds!", ":secret:s2svpn!", ":recovery-point:"}, func(part string) bool {
		return strings.Contains(t.ARN, part)
	})
}

// kind is "<service>/<type>" as far as an ARN tells it, in the words of the kinds.
func (t Tagged) kind() string {
	parts := strings.SplitN(t.ARN, ":", 6)
	if len(parts) < 6 {
		return "resource"
	}
	what, _, _ := strings.Cut(strings.ReplaceAll(parts[5], ":", "/"), "/")
	switch parts[2] + "/" + what {
	case "ec2/natgateway":
		return "ec2/nat-gateway"
	case "elasticloadbalancing/loadbalancer":
		return "elb/load-balancer"
	case "rds/db":
		return "rds/instance"
	}
	if parts[2] == "s3" {
		return "s3/bucket"
	}
	return parts[2] + "/" + what
}

// orphanFinding is a finding about something that carries cicdctl's tags and that no
// declaration knows.
func orphanFinding(t Tagged, client, region string) judge.Finding {
	f := orphan(t.kind(), t.ARN, client, region, "no client and no shared thing that cicdctl knows needs it")
	f.Fix = lang.Sprintf("%s; AWS tells of it for some hours after that", lang.Say(f.Fix))
	if t.Tags["cicdctl:scope"] == "region" {
		f.Why, f.Fix = lang.Sprintf("it is shared by the clients of %s, and there is none", region), lang.Sprintf("cicdctl region destroy %s, when no client is to come", region)
	}
	return f
}

// unclaimed is the same about something of a kind that is known, whose tags are those of
// nothing that is.
func unclaimed(kind, id, client, region string) judge.Finding {
	return orphan(kind, id, client, region, "no client and no shared thing that cicdctl knows needs it")
}

// left is a finding about something that is there of a client that is not.
func left(r *judge.Resource, until string) judge.Finding {
	f := orphan(r.Kind, r.ID, r.Client, r.Region, "its client is not there")
	if until != "" {
		f.ID, f.Severity, f.Title = keptData, low, "Data of a destroyed client is kept"
		f.Is, f.Why = lang.Sprintf("kept %s", until), lang.Sprintf("client destroy keeps data; %s", lang.Say(f.Why))
		if cost := costOf(r.Kind); cost != "" {
			f.Is += ", " + cost
		}
	}
	f.Fix = lang.Sprintf("cicdctl client destroy %s --region %s; with --purge-data to remove data as well", r.Client, r.Region)
	return f
}

func orphan(kind, id, client, region, why string) judge.Finding {
	f := judge.Finding{
		ID: orphaned, Severity: medium, Title: "No orphaned resources", Client: client, Region: region, Resource: kind + " " + id,
		Is: "there", Should: "not there", Why: why, Fix: "find out who made it; remove it by hand, or its cicdctl:managed-by tag",
	}
	if cost := costOf(kind); cost != "" {
		f.Is = lang.Say(f.Is) + ", " + cost
	}
	return f
}
