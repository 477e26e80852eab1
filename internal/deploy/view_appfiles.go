package deploy

import (
	"gitlab.com/cicd/cicdctl/internal/report"
	"gitlab.com/cicd/cicdctl/internal/session"
)

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
	App   string                `json:"app"`
	Dir   string                `json:"dir"`
	Files []session.WrittenFile `json:"files"`
}

// showAppFiles says what was written.
func showAppFiles(p *report.Printer, r AppFiles) error {
	if p.Format == report.JSON {
		return p.WriteJSON(r)
	}
	return session.ShowWritten(p, r.Files)
}
