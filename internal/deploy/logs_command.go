package deploy

import (
	"context"
	"regexp"
	"strings"
	"time"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// LogOptions are those of the logs command.
type LogOptions struct {
	session.Place
	Since  time.Duration
	Grep   string
	Follow bool
}

// ShowLogs writes what the tasks of a service wrote: as JSON one object a line, each
// {"time": "…", "task": "…", "message": "…"}.
func ShowLogs(ctx context.Context, a *session.Session, o LogOptions) error {
	env, err := o.Environment()
	if err != nil {
		return err
	}
	if most := rules.LogRetentionDays * 24 * time.Hour; o.Since <= 0 || o.Since > most {
		return session.Usagef("give a duration such as 30m or 24h", "--since %s is not more than zero and at most %s, for which logs are kept", o.Since, most)
	}
	q := LogQuery{Since: time.Now().Add(-o.Since), Follow: o.Follow}
	if o.Grep != "" {
		if q.Grep, err = regexp.Compile(o.Grep); err != nil {
			return session.Usagef("write special characters such as ( and [ with a backslash before them", "--grep %q is not a regular expression: %w", o.Grep, err)
		}
	}
	op, t, err := session.OpenPlace(ctx, a, &o.Place)
	if err != nil {
		return err
	}
	u, _, err := op.Unit(ctx, t.Spec, o.App, o.Service, env)
	if err != nil {
		return err
	}
	some := false
	err = Logs(ctx, u, q, func(e LogEvent) error {
		some = true
		return showLogEvent(a.Print, e)
	})
	if err == nil && !some && !o.Follow {
		a.Print.Tell("%s in %s wrote no such lines in the last %s", o.Unit, env, strings.NewReplacer("h0m0s", "h", "m0s", "m").Replace(o.Since.String()))
	}
	return err
}

// shortTask is how much of a task's id tells it from the others of a service.
const shortTask = 8

func showLogEvent(p *report.Printer, e LogEvent) error {
	if p.Format == report.JSON {
		return p.WriteRecord(e)
	}
	return p.Raw([]byte(e.Time.Format("2006-01-02T15:04:05.000Z") + " " + e.Task[:min(len(e.Task), shortTask)] + " " + report.Visible(e.Message) + "\n"))
}
