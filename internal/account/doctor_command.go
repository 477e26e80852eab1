package account

import (
	"cmp"
	"context"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// DoctorOptions are those of the doctor command.
type DoctorOptions struct{ Region string }

// Doctor tells whether cicdctl can work in the account, and what is missing.
func Doctor(ctx context.Context, a *session.Session, o DoctorOptions) error {
	if err := session.CheckRegion(o.Region); err != nil {
		return err
	}
	op, err := a.Open(ctx)
	if err != nil {
		return err
	}
	var specs []*spec.Spec
	for _, file := range session.SpecFiles(a.Conf.SpecDir) {
		s, err := session.LoadFile(a, file)
		if err != nil {
			a.Print.Tell("%s cannot be read, so it is not known whether its client has VPNs", file)
			continue
		}
		specs = append(specs, s)
	}
	found, trouble := Diagnose(ctx, op, cmp.Or(o.Region, a.Conf.AdminRegion, cloud.DefaultAdminRegion), specs...)
	if found == nil {
		return trouble
	}
	health := diagnosis(a.Print, found, trouble)
	if err := showDoctor(a.Print, health); err != nil {
		return err
	}
	switch {
	case trouble != nil:
		return trouble
	case !health.OK:
		return session.ExitCode(session.ExitRefused)
	default:
		return nil
	}
}
