package rules

import (
	"strings"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

// Engine is what cicdctl decides about a database engine. The major version is
// pinned, because the parameter group's family must fit it; the minor version is
// AWS's default at the time of creation, and AWS's own after that.
type Engine struct {
	Name       string
	Major      string // as CreateDBCluster takes it: the default minor version with this beginning
	Family     string // of parameter groups
	MasterUser string // neither reserved by the engine nor the name that attackers try first
	// Parameters differ from AWS's defaults. All are dynamic: they apply at once.
	Parameters map[string]string
}

// engines is the one table of database engines.
var engines = []Engine{
	{
		Name: spec.AuroraPostgreSQL, Major: "16", Family: "aurora-postgresql16", MasterUser: "clusteradmin",
		Parameters: map[string]string{"rds.force_ssl": "1"}, // connections without TLS are refused
	},
	{
		Name: spec.AuroraMySQL, Major: "8.0", Family: "aurora-mysql8.0", MasterUser: "clusteradmin",
		Parameters: map[string]string{
			"require_secure_transport": "ON", // connections without TLS are refused
			// Without these, the logs that are exported stay empty.
			"server_audit_logging": "1", "server_audit_events": "CONNECT,QUERY_DCL,QUERY_DDL", "slow_query_log": "1",
		},
	},
}

// EngineOf finds an engine by its name. Of one that cicdctl does not make, only
// the name is known.
func EngineOf(name string) Engine {
	for _, e := range engines {
		if e.Name == name {
			return e
		}
	}
	return Engine{Name: name}
}

// EngineOfFamily finds the engine that a family of parameter groups belongs to,
// whatever the version: families are named after their engine.
func EngineOfFamily(family string) (e Engine, ok bool) {
	for _, e := range engines {
		if strings.HasPrefix(family, e.Name) {
			return e, true
		}
	}
	return Engine{}, false
}

// MajorOf cuts a version of the engine down to the length of the pinned major:
// "16.11" is 16, "8.0.mysql_aurora.3.10.3" is 8.0.
func (e Engine) MajorOf(version string) string {
	parts := strings.Split(version, ".")
	return strings.Join(parts[:min(len(parts), strings.Count(e.Major, ".")+1)], ".")
}

// PerformanceInsights reports whether instances of the class can have them:
// Aurora MySQL refuses them on burstable classes.
func (e Engine) PerformanceInsights(class string) bool {
	return e.Name != spec.AuroraMySQL || !strings.HasPrefix(class, "db.t")
}
