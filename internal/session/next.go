package session

import (
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// MailSteps ask for the addresses that alarms do not reach, because nobody has confirmed them.
// SNS sends the mail itself when an address is subscribed.
func MailSteps(a *Session, held []provision.Held) []string {
	var steps []string
	for _, h := range held {
		for _, f := range h.Facts {
			if h.Kind == "sns/topic" && f.Name == rules.FactUnconfirmed {
				for address := range strings.FieldsSeq(f.Value) {
					steps = append(steps, a.Print.Sayf("open the link in the mail that AWS Notifications has sent to %s: until then no alarm arrives there", address))
				}
			}
		}
	}
	return steps
}

// keySteps say how to fetch the private key that a run has made.
func keySteps(a *Session, name string, made []provision.Change) []string {
	if !slices.ContainsFunc(made, func(c provision.Change) bool { return c.Kind == "s3/escrow" && c.Op == provision.OpCreate }) {
		return nil
	}
	return []string{a.Print.Sayf("fetch the private key (admins only): %s", a.Next("key show %s --out %s.pem", name, rules.Lower(name)))}
}

// afterwards are the next steps once a client is as its spec says. Where nothing was changed,
// only what is left to do.
func afterwards(a *Session, name string, plan *cloud.Plan, made []provision.Change) []string {
	held := plan.Held()
	steps := slices.Concat(RecordSteps(a, name, cloud.WantedRecords(held)), MailSteps(a, held), keySteps(a, name, made), leftDatabases(a, plan))
	if endsTrailLogs(made) {
		steps = append(steps, a.Print.Sayf("CloudWatch bills the alarms on the account's trail until they are removed: %s", a.Next("account tidy")))
	}
	if len(made) > 0 {
		steps = append(steps, a.Next("client show %s", name))
	}
	return steps
}
