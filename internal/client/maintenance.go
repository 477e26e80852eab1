package client

import (
	"time"

	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// MaintenanceSetOptions are those of the maintenance set command.
type MaintenanceSetOptions struct {
	Name, Window, Timezone, Spec string
	session.Consent
}

// Changes are what the command line asks for; zoned says that it names a zone.
func (o MaintenanceSetOptions) Changes(zoned bool) ([]spec.Change, error) {
	w, err := spec.ParseWeeklyWindow(o.Window)
	if err != nil {
		return nil, session.Usagef("", "WINDOW %w", err)
	}
	out := []spec.Change{{Path: "maintenance.window", Value: w.String()}}
	if zoned {
		if err := spec.CheckTimezone(o.Timezone); err != nil {
			return nil, session.Usagef("", "--timezone %w", err)
		}
		out = append(out, spec.Change{Path: "maintenance.timezone", Value: o.Timezone})
	}
	return out, nil
}

// MaintenanceShowOptions are those of the maintenance show command.
type MaintenanceShowOptions struct{ Name, Spec string }

// ShowMaintenance shows a client's maintenance windows.
func ShowMaintenance(a *session.Session, o MaintenanceShowOptions) error {
	file, s, err := session.LoadSpec(a, o.Name, o.Spec)
	if err != nil {
		return err
	}
	if s == nil {
		return session.NoFile(a, o.Name, file)
	}
	m, err := NewMaintenance(s, file, time.Now())
	if err != nil {
		return err
	}
	return WriteMaintenance(a.Print, m)
}
