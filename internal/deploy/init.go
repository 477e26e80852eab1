package deploy

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/session"
)

// AppInitOptions are those of the app init command.
type AppInitOptions struct {
	AppPlace
	Dir string
	Yes bool
}

// InitApp writes the files that an app's repository starts with.
func InitApp(ctx context.Context, a *session.Session, o AppInitOptions) error {
	p, err := Project(ctx, a, o.AppPlace)
	if err != nil {
		return err
	}
	files, err := p.Files()
	if err != nil {
		return err
	}
	others, err := p.InOtherLanguage().Files()
	if err != nil {
		return err
	}
	var all []session.RepositoryFile
	for i, f := range files {
		all = append(all, session.RepositoryFile{Path: f.Path, Data: f.Data, Other: others[i].Data, Runs: f.Runs})
	}
	written, err := session.WriteRepository(ctx, a, o.Dir, all, o.Yes)
	if err != nil {
		return err
	}
	return showAppFiles(a.Print, AppFiles{App: p.App.Name, Dir: o.Dir, Files: written})
}
