// Package dossier_test has the program write the dossier of a sample client, as `make demo-report`
// does, and opens what it has written in a browser.
package dossier_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"gitlab.com/cicd/cicdctl/test/browser"
)

// sketch is how large the picture in the README is, of the diagram's size on a screen.
const sketch = 0.7

// made is a folder with the documents.
func made(t *testing.T) string {
	t.Helper()
	bin, out := t.TempDir(), t.TempDir()
	for _, c := range []*exec.Cmd{
		exec.CommandContext(t.Context(), "go", "build", "-o", filepath.Join(bin, "cicdctl"), "../../cmd/cicdctl"),
		exec.CommandContext(t.Context(), "../../scripts/demo-report.sh", out),
	} {
		c.Env = append(os.Environ(), "BIN="+bin)
		if said, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%v: %v\n%s", c.Args, err, said)
		}
	}
	return out
}

func TestDossierOfTheSampleClient(t *testing.T) {
	b := browser.Start(t)
	out := made(t)
	for _, lang := range []string{"fr", "en"} {
		file := filepath.Join(out, lang, "acme-dossier.html")
		for _, v := range []browser.View{browser.Phone, browser.Phone.InDark(), browser.Desk, browser.Desk.InDark(), {Width: 1280, Height: 900, Font: "DejaVu Sans"}} {
			t.Run(lang+"/"+v.String()+v.Font, func(t *testing.T) {
				for _, problem := range b.Open(t, file, v).Problems() {
					t.Error(problem)
				}
			})
		}
		t.Run(lang+"/print", func(t *testing.T) {
			page := b.Open(t, file, browser.Desk)
			printed := page.Print()
			for _, problem := range append(printed.Problems(), page.Overflow()...) {
				t.Error(problem)
			}
			if info, err := os.Stat(filepath.Join(out, lang, "acme-dossier.pdf")); err != nil || info.Size() < 50_000 {
				t.Errorf("the script has printed no PDF: %v", err)
			}
		})
	}
	t.Run("picture", func(t *testing.T) {
		page := b.Open(t, filepath.Join(out, "en", "acme-dossier.html"), browser.Desk)
		browser.Golden(t, "../../docs/dossier.png", page.Sketch("#network figure", sketch))
	})
}
