package fleet

import (
	"cmp"
	"context"
	"embed"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
)

// InitOptions are those of the fleet init command.
type InitOptions struct {
	Dir string
	Yes bool
}

//go:embed files
var texts embed.FS

// repository are the files of the estate's repository, by the names that they have here. That of
// the shared jobs has its own directory, where GitLab keeps templates too.
var repository = []struct {
	name, path string
	begins     bool // the team's own once it is there
}{
	{"gitlab-ci.yml", ".gitlab-ci.yml", false},
	{"jobs.yml", JobsFile, true},
	{"gitignore", ".gitignore", true},
	{"README.md", "README.md", true},
	{"cicdctl.yaml", "cicdctl.yaml", true},
	{"clients.md", "clients/README.md", true},
}

// JobsFile is what the pipelines' jobs extend. The team owns it.
const JobsFile = ".gitlab/fleet.yml"

// Estate is the Git repository of an estate. As JSON:
//
//	{"dir": ".", "files": [{"path": "clients/README.md", "state": "written"}]}
type Estate struct {
	Dir   string                `json:"dir"`
	Files []session.WrittenFile `json:"files"`
}

// Init writes the files that the estate's repository starts with. It makes no call.
func Init(ctx context.Context, a *session.Session, o InitOptions) error {
	gitlab, region := cmp.Or(a.Conf.GitLab, rules.DefaultGitLab), cmp.Or(a.Conf.AdminRegion, cloud.DefaultAdminRegion)
	files, err := initial(a.Print.Lang, gitlab, region)
	if err != nil {
		return err
	}
	written, err := session.WriteRepository(ctx, a, o.Dir, files, o.Yes)
	if err != nil {
		return err
	}
	r := Estate{Dir: o.Dir, Files: written}
	if a.Print.Format == report.JSON {
		return a.Print.WriteJSON(r)
	}
	return session.ShowWritten(a.Print, r.Files)
}

// initial are the repository's files in a language, each with itself in the other one.
func initial(l lang.Lang, gitlab, region string) ([]session.RepositoryFile, error) {
	one, other := "en/", "fr/"
	if l == lang.French {
		one, other = other, one
	}
	fill := strings.NewReplacer("@gitlab@", gitlab, "@region@", region)
	var out []session.RepositoryFile
	for _, f := range repository {
		data, err := texts.ReadFile("files/" + one + f.name)
		if err != nil {
			return nil, err
		}
		translated, err := texts.ReadFile("files/" + other + f.name)
		if err != nil {
			return nil, err
		}
		out = append(out, session.RepositoryFile{Path: f.path, Data: []byte(fill.Replace(string(data))), Other: []byte(fill.Replace(string(translated))), Begins: f.begins})
	}
	return out, nil
}
