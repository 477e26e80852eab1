package deploy

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// ScaleOptions are those of the scale command.
type ScaleOptions struct {
	session.Place
	session.Consent
	Tasks string
}

// Scale writes into the client's spec how many tasks a service has in an environment, or between
// which numbers they follow the load, and brings the client to what it then says.
func Scale(ctx context.Context, a *session.Session, o ScaleOptions) error {
	env, err := o.Environment()
	if err != nil {
		return err
	}
	least, most, err := tasksOf(o.Tasks)
	switch {
	case err != nil:
		return err
	case least < 1 && env == spec.Preview:
		return session.Usagef("cicdctl stop NAME --env preview stops all services of the environment", "TASKS: %d is less than one", least)
	case least < 1 || most > spec.MostTasks:
		return session.Usagef("", "TASKS: %s is not within 1-%d", o.Tasks, spec.MostTasks)
	case most < least:
		return session.Usagef(fmt.Sprintf("write %d..%d", most, least), "TASKS: %s ends before it begins", o.Tasks)
	}
	t, err := session.FindPlace(a, &o.Place)
	if err != nil {
		return err
	}
	app := slices.IndexFunc(t.Spec.Apps, func(each spec.App) bool { return each.Name == o.App })
	svc := slices.Index(t.Spec.Apps[app].ServiceNames(), o.Service)
	at := fmt.Sprintf("apps[%d].services[%d]", app, svc)
	changes := []spec.Change{{Path: at + ".tasks." + string(env), Value: least}}
	// Without a range before or now there is nothing to say of the most. The file is valid after
	// each of the two changes.
	if was := t.Spec.Apps[app].Services[svc].MaxTasks.Of(env); was > 0 || most > least {
		changes = append(changes, spec.Change{Path: at + ".max_tasks." + string(env), Value: most})
		if was > 0 && least > was {
			slices.Reverse(changes)
		}
	}
	return session.ChangeSpec(ctx, a, o.Name, o.Spec, o.Consent, changes)
}

// tasksOf reads "4" or "2..6".
func tasksOf(text string) (least, most int, err error) {
	from, to, isRange := strings.Cut(text, "..")
	if !isRange {
		to = from
	}
	least, err = strconv.Atoi(from)
	if err == nil {
		most, err = strconv.Atoi(to)
	}
	if err != nil {
		return 0, 0, session.Usagef("give a number such as 3, or a range such as 2..6", "TASKS: %q is not a number", text)
	}
	return least, most, nil
}
