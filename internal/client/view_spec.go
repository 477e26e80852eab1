package client

import (
	"fmt"

	"gitlab.com/cicd/cicdctl/internal/report"
)

// SpecFile is the judgement of one spec file. As JSON, in a list:
//
//	{"file": "clients/acme.yaml", "ok": false, "client": "ACME", "region": "eu-west-3",
//	 "problems": [{"line": 3, "column": 9, "path": "network.nat", "message": "…"}],
//	 "warnings": ["…"]}
type SpecFile struct {
	File     string    `json:"file"`
	OK       bool      `json:"ok"`
	Client   string    `json:"client,omitempty"`
	Region   string    `json:"region,omitempty"`
	Problems []Problem `json:"problems,omitempty"`
	Warnings []string  `json:"warnings,omitempty"` // of a file that is valid
	Text     string    `json:"-"`                  // of the problems, a line each
}

// Problem is one thing wrong with a file; the line is 0 where it is not in the file.
type Problem struct {
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Path    string `json:"path"`
	Message string `json:"message"`
}

// showSpecFiles writes the judgements.
func showSpecFiles(p *report.Printer, files []SpecFile) error {
	if p.Format == report.JSON {
		return p.WriteJSON(files)
	}
	style := p.Palette(p.Out)
	for _, f := range files {
		line := f.Text
		if f.OK {
			line = fmt.Sprintf("%s %s: %s, %s", style.Check(true), f.File, f.Client, f.Region)
			for _, warning := range f.Warnings {
				line += "\n  · " + warning
			}
		}
		if _, err := fmt.Fprintln(p.Out, line); err != nil {
			return err
		}
	}
	return nil
}
