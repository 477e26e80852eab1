package rules

import (
	"testing"

	"gitlab.com/cicd/cicdctl/internal/spec"
)

func TestEnginesAreConsistent(t *testing.T) {
	t.Parallel()
	for _, name := range []string{spec.AuroraPostgreSQL, spec.AuroraMySQL} {
		e := EngineOf(name)
		if e.Name+e.Major != e.Family {
			t.Errorf("%s: the family %s does not fit the major version %s", name, e.Family, e.Major)
		}
		if of, ok := EngineOfFamily(e.Family); !ok || of.Name != name {
			t.Errorf("%s: the family %s belongs to %q", name, e.Family, of.Name)
		}
		if len(e.Parameters) == 0 || len(e.Parameters) > 20 { // ModifyDBClusterParameterGroup
			t.Errorf("%s: %d parameters do not go into one call", name, len(e.Parameters))
		}
		if len(LogExports(name)) == 0 {
			t.Errorf("%s exports no logs", name)
		}
	}
}

func TestMajorOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ engine, version, want string }{
		{spec.AuroraPostgreSQL, "16.11", "16"},
		{spec.AuroraPostgreSQL, "16", "16"},
		{spec.AuroraPostgreSQL, "17.4", "17"},
		{spec.AuroraMySQL, "8.0.mysql_aurora.3.10.3", "8.0"},
		{spec.AuroraMySQL, "8.0", "8.0"},
		{spec.AuroraMySQL, "8.4.mysql_aurora.8.4.7", "8.4"},
	} {
		if got := EngineOf(c.engine).MajorOf(c.version); got != c.want {
			t.Errorf("major version of %s %s = %q, want %q", c.engine, c.version, got, c.want)
		}
	}
}
