package report

import (
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// group is what a resource is for, in an operator's words.
type group struct {
	name  string
	kinds []string // whole kinds, or services with a slash at the end; the first that fits counts
}

// groups are in the order of reports.
var groups = []group{
	{"Identity and keys", []string{"iam/", "kms/", "ec2/key-pair", "s3/escrow", "secretsmanager/"}},
	{"Storage", []string{"s3/", "ecr/"}},
	{"Platform", []string{"ecs/", "autoscaling/", "application-autoscaling/", "ec2/launch-template", "logs/", "scheduler/", "sqs/"}},
	{"Load balancer", []string{"elb/", "acm/"}},
	{"Monitoring", []string{"rds/event-subscription"}},
	{"Data", []string{"rds/", "backup/"}},
	{"Monitoring", []string{"sns/", "cloudwatch/", "cloudtrail/", "events/", "ec2/flow-log"}},
	{"Network", []string{"ec2/"}},
	{"Other", []string{""}},
}

// order puts the network first: everything stands in it.
var order = []string{"Network", "Identity and keys", "Storage", "Platform", "Load balancer", "Data", "Monitoring", "Other"}

func groupOf(kind string) string {
	for _, g := range groups {
		for _, k := range g.kinds {
			if kind == k || strings.HasSuffix(k, "/") && strings.HasPrefix(kind, k) || k == "" {
				return g.name
			}
		}
	}
	return ""
}

// billed are the kinds that cost money by the hour as soon as they exist.
var billed = []string{"ec2/nat-gateway", "ec2/elastic-ip", "elb/load-balancer", "rds/instance", "autoscaling/group", "ec2/vpn-connection", "ec2/client-vpn-endpoint"}

// exposing are the kinds that somebody outside of AWS can open connections to.
var exposing = []string{"elb/load-balancer", "ec2/vpn-connection", "ec2/client-vpn-endpoint"}

func exposed(c provision.Change) bool {
	return c.Op == provision.OpCreate && slices.Contains(exposing, c.Kind)
}

// databases are the kinds that a client's data is in, or comes from.
var databases = []string{"rds/cluster", "rds/cluster-snapshot"}

// plentiful are the kinds of which a client has many, which hold nothing and cost nothing by
// themselves. A long plan names some of those that it changes alike and counts the rest.
var plentiful = []string{"cloudwatch/alarm", "ecs/task-definition", "elb/listener", "elb/listener-rule", "elb/target-group"}

func costly(c provision.Change) bool {
	return c.Op == provision.OpCreate && slices.Contains(billed, c.Kind)
}

// grouped sorts items into the groups, keeping their order, and leaves empty ones out.
func grouped[T any](items []T, kind func(T) string) (names []string, members map[string][]T) {
	members = map[string][]T{}
	for _, item := range items {
		g := groupOf(kind(item))
		members[g] = append(members[g], item)
	}
	for _, name := range order {
		if len(members[name]) > 0 {
			names = append(names, name)
		}
	}
	return names, members
}
