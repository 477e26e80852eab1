package backup

import (
	"context"
	"time"

	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// ArchiveOptions are those of the backup run command.
type ArchiveOptions struct {
	Name, Region, Spec string
	Again, Yes         bool
}

// RunArchive archives a client's database and waits for it.
func RunArchive(ctx context.Context, a *session.Session, o ArchiveOptions) error {
	t, err := session.Wanted(a, o.Name, o.Region, o.Spec)
	if err != nil {
		return err
	}
	op, err := a.Open(ctx)
	if err != nil {
		return err
	}
	if err := session.Admit(ctx, a, op, t.Spec.Client, t.Spec.Region); err != nil {
		return err
	}
	archive, err := PrepareArchive(ctx, op, t.Spec, time.Now(), o.Again)
	if err != nil {
		return err
	}
	list := a.Next("backup list %s", o.Name)
	out := Archived{Client: archive.Client, Region: archive.Region, Next: []string{list}}
	switch {
	case archive.Running != nil:
		a.Print.Tell("the archive %s is already in progress: waiting for it", archive.Running.Name)
	case archive.Fresh != nil:
		out.Fresh, out.OK, out.Archive = true, true, archive.Fresh
		out.Next = []string{a.Next("backup run %s --again", o.Name)}
		return showArchived(a.Print, out)
	default:
		if err := showArchivePlan(a.Print, archive, a.Sandbox() != ""); err != nil {
			return err
		}
		if err := session.Confirm(ctx, a, o.Yes); err != nil {
			return err
		}
	}
	out.Archive, err = archive.Run(ctx, showArchiveProgress(a.Print))
	out.Begun = archive.Begun
	if err == nil {
		out.OK = true
		return showArchived(a.Print, out)
	}
	return notArchived(ctx, a, archive, out, err)
}

// notArchived tells how an archive that is not complete stands.
func notArchived(ctx context.Context, a *session.Session, archive *Archive, out Archived, err error) error {
	if a.Print.Format == report.JSON && out.Archive != nil {
		if err := showArchived(a.Print, out); err != nil {
			return err
		}
	}
	if ctx.Err() == nil {
		return err
	}
	switch {
	case out.Archive != nil:
		a.Print.Tell("no longer waiting: RDS continues the archive %s (%d%%); check it with: %s", out.Archive.Name, out.Archive.Percent, out.Next[0])
	default:
		a.Print.Tell("no longer waiting: whether the archive %s was begun is not known; look with: %s", archive.Name, out.Next[0])
	}
	return session.Stopped(a)
}
