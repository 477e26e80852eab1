package audit

import (
	"time"

	"gitlab.com/cicd/cicdctl/internal/judge"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// supportEnds is the finding about a major version of a database that AWS does not support
// for much longer.
const (
	supportEnds      = "CICD-RDS-6"
	supportEndsTitle = "Databases have standard support for another year"
	supportEndsWhy   = "at its end AWS upgrades the major version by itself, or bills Extended Support per vCPU and hour"
)

// support finds databases whose standard support ends within a year, by the date that AWS tells.
func (a *auditing) support(seen *provision.Seen) {
	db, ok := seen.Object.(interface {
		StandardSupport() (version string, until time.Time)
		Extended() bool
	})
	if !ok {
		return
	}
	version, until := db.StandardSupport()
	if !rules.SupportEnding(until, a.At) {
		return
	}
	is := lang.Sprintf("standard support of %s ends on %s", version, until.Format(time.DateOnly))
	if !until.After(a.At) {
		is = lang.Sprintf("standard support of %s ended on %s", version, until.Format(time.DateOnly))
	}
	fix := "upgrade before AWS does, to a newer version of the engine, which takes a version of cicdctl that makes it; database.extended_support: true in the spec keeps the version, for a charge"
	if db.Extended() {
		fix = "upgrade to a newer version of the engine, which takes a version of cicdctl that makes it; database.extended_support: false in the spec has AWS upgrade it, and bill no Extended Support"
	}
	a.Findings = append(a.Findings, judge.Finding{
		ID: supportEnds, Severity: rules.Medium, Title: supportEndsTitle, Client: seen.Client, Region: seen.Region,
		Resource: seen.Kind + " " + seen.ID, Is: is, Should: "a year or more of standard support", Why: supportEndsWhy, Fix: fix,
	})
}
