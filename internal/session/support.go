package session

import (
	"context"
	"slices"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// supportNote says what becomes of the major version of a database at the end of AWS's standard
// support, where a plan makes the database or decides that anew. That AWS does not tell the
// date stops nobody.
func supportNote(ctx context.Context, a *Session, run *cloud.Run, changes []provision.Change) string {
	s := run.Scope().Spec
	if s == nil || !slices.ContainsFunc(changes, decidesSupport) {
		return ""
	}
	engine := rules.EngineOf(s.Database.Engine)
	version := engine.Name + " " + engine.Major
	asked, cancel := context.WithTimeout(ctx, cloud.RoomTime)
	defer cancel()
	until, err := run.StandardSupport(asked, engine)
	switch date := until.Format(time.DateOnly); {
	case err != nil:
		return a.Print.Sayf("AWS did not tell when its standard support of %s ends: %s", version, awsapi.Explain(err))
	case until.IsZero():
		return a.Print.Sayf("AWS does not say when its standard support of %s ends", version)
	case s.Database.ExtendedSupport:
		return a.Print.Sayf("AWS's standard support of %s ends on %s; after that AWS bills Extended Support per vCPU and hour (database.extended_support: false has AWS upgrade the major version instead)", version, date)
	default:
		return a.Print.Sayf("AWS's standard support of %s ends on %s, when AWS upgrades it with an interruption (database.extended_support: true keeps it, billed per vCPU and hour)", version, date)
	}
}

func decidesSupport(c provision.Change) bool {
	return c.Kind == clusterKind && (c.Op == provision.OpCreate ||
		slices.ContainsFunc(c.Diffs, func(d provision.Diff) bool { return d.Field == rules.FieldExtendedSupport }))
}
