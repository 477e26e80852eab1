package session

import (
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

const (
	clusterKind  = "rds/cluster"
	instanceKind = "rds/instance"
)

// database is what a plan does to the instances of one cluster.
type database struct {
	id        string // of the cluster
	instances []string
	writer    string   // empty when nobody knows
	remade    []string // instances that are removed and made again elsewhere
	away      []string // instances that the plan takes away for a while
	windowed  []string // instances that AWS changes in the maintenance window
}

// databaseInterrupts tell which databases a plan cuts off for a while, and how long.
func databaseInterrupts(a *Session, scope *provision.Scope, plan *cloud.Plan) []string {
	var lines []string
	for _, db := range databases(scope, plan) {
		switch {
		case len(db.away) == 0:
		case len(db.instances) == 1:
			lines = append(lines, a.Print.Sayf("the database %s is away for some minutes: it has one instance only, which is restarted", db.id))
		case slices.Contains(db.away, db.writer):
			lines = append(lines, a.Print.Sayf("the database %s fails over: connections are cut for up to a minute; its instances are restarted one by one (%s), and each cuts its own connections", db.id, strings.Join(db.away, ", ")))
		default:
			lines = append(lines, a.Print.Sayf("readers of the database %s are restarted one by one (%s): each cuts its own connections; the writer stays", db.id, strings.Join(db.away, ", ")))
		}
		if len(db.remade) > 0 && len(db.instances) > 1 {
			lines = append(lines, a.Print.Sayf("instances of the database %s are removed and made again in the right zone, some ten minutes each: %s; the data is in the cluster", db.id, strings.Join(db.remade, ", ")))
		}
		if len(db.windowed) > 0 {
			lines = append(lines, a.Print.Sayf("AWS changes the class of instances of the database %s in the maintenance window (%s %s), and cuts connections then: %s", db.id, scope.Spec.Maintenance.Window, scope.Spec.Maintenance.Timezone, strings.Join(db.windowed, ", ")))
		}
	}
	return lines
}

// databases are those of a plan that builds; one that removes a database has no need to tell.
func databases(scope *provision.Scope, plan *cloud.Plan) []*database {
	if scope.Spec == nil {
		return nil
	}
	var out []*database
	of := map[provision.Role]*database{}
	for _, h := range plan.Held() {
		if h.Kind == clusterKind {
			of[h.Role] = &database{id: h.ID}
			out = append(out, of[h.Role])
		}
	}
	for _, h := range plan.Held() {
		db := of[clusterOf(h.Role)]
		if h.Kind != instanceKind || db == nil {
			continue
		}
		db.instances = append(db.instances, h.ID)
		if slices.Contains(h.Facts, provision.Fact{Name: rules.FactServesAs, Value: rules.ServesAsWriter}) {
			db.writer = h.ID
		}
	}
	for _, c := range plan.Changes() {
		differs := func(fields ...string) bool {
			return slices.ContainsFunc(c.Diffs, func(d provision.Diff) bool { return slices.Contains(fields, d.Field) })
		}
		switch db := of[clusterOf(c.Role)]; {
		case c.Kind == instanceKind && db != nil && c.Op == provision.OpDelete && c.ID == db.writer:
			db.away = append(db.away, c.ID)
		case c.Op != provision.OpUpdate:
		case c.Kind == clusterKind && of[c.Role] != nil && differs(rules.FieldParameterGroup) && !scope.InWindow:
			of[c.Role].away = slices.Clone(of[c.Role].instances)
		case c.Kind != instanceKind || db == nil:
		case scope.InWindow && differs(rules.FieldInstanceClass):
			db.windowed = append(db.windowed, c.ID)
		case differs(rules.FieldInstanceClass, rules.FieldInstanceParameters, rules.FieldInstanceZone):
			if differs(rules.FieldInstanceZone) {
				db.remade = append(db.remade, c.ID)
			}
			if !slices.Contains(db.away, c.ID) {
				db.away = append(db.away, c.ID)
			}
		}
	}
	return out
}

// clusterOf is the role of the cluster that an instance with a role is in.
func clusterOf(instance provision.Role) provision.Role {
	if cluster, _, ok := provision.InstanceOf(instance); ok {
		return cluster
	}
	return "database"
}

// leftDatabases are those that a run leaves as they are, with the reason.
func leftDatabases(a *Session, plan *cloud.Plan) []string {
	var lines []string
	for _, c := range plan.Changes() {
		if c.Op == provision.OpLater && (c.Kind == clusterKind || c.Kind == instanceKind) {
			lines = append(lines, a.Print.Sayf("%s was left as it is: %s", c.ID, a.Print.Lang.Value(c.Why)))
		}
	}
	return lines
}
