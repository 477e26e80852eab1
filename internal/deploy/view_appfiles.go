package deploy

import "gitlab.com/cicd/cicdctl/internal/report"

// Pipeline is an app's pipeline. As JSON:
//
//	{"file": ".gitlab-ci.yml", "role": "acme-shop-deploy", "text": "stages: …"}
type Pipeline struct {
	File string `json:"file"`
	Role string `json:"role"` // that its jobs take
	Text string `json:"text"`
}

// ShowPipeline writes the pipeline as GitLab reads it.
func ShowPipeline(p *report.Printer, r Pipeline) error {
	if p.Format == report.JSON {
		return p.WriteJSON(r)
	}
	return p.Raw([]byte(r.Text))
}

// AppFiles are the files that an app's repository starts with. As JSON:
//
//	{"app": "shop", "dir": ".", "files": [{"path": "compose.yaml", "state": "written"}]}
type AppFiles struct {
	App   string    `json:"app"`
	Dir   string    `json:"dir"`
	Files []AppFile `json:"files"`
}

// AppFile is one of them.
type AppFile struct {
	Path  string    `json:"path"`
	State FileState `json:"state"`
}

// FileState is what became of a file.
type FileState string

// The states.
const (
	FileWritten  FileState = "written"
	FileReplaced FileState = "replaced"
	FileSame     FileState = "unchanged"
)

// showAppFiles says what was written.
func showAppFiles(p *report.Printer, r AppFiles) error {
	if p.Format == report.JSON {
		return p.WriteJSON(r)
	}
	for _, f := range r.Files {
		format := map[FileState]string{FileWritten: p.Lang.Say("wrote %s"), FileReplaced: p.Lang.Say("replaced %s"), FileSame: p.Lang.Say("%s is as it should be")}[f.State]
		if err := p.Line(format, f.Path); err != nil {
			return err
		}
	}
	return nil
}
