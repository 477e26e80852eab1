package browser_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/document"
	"gitlab.com/cicd/cicdctl/internal/document/documenttest"
	"gitlab.com/cicd/cicdctl/test/browser"
)

// views are the screens, in both schemes, and once in the widest letters that a browser may have.
var views = []browser.View{
	browser.Phone, browser.Phone.InDark(), browser.Desk, browser.Desk.InDark(),
	{Width: 1280, Height: 900, Font: "DejaVu Sans"},
	{Width: 360, Height: 800, Font: "DejaVu Sans"},
}

func written(t *testing.T, d document.Document) string {
	t.Helper()
	var b bytes.Buffer
	if err := document.HTML(&b, d); err != nil {
		t.Fatal(err)
	}
	return saved(t, b.Bytes())
}

func saved(t *testing.T, html []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "document.html")
	if err := os.WriteFile(file, html, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

func TestSampleIsWellShown(t *testing.T) {
	b := browser.Start(t)
	for _, lang := range documenttest.Langs {
		file := written(t, documenttest.Sample(lang))
		for _, v := range views {
			t.Run(lang+"/"+v.String()+v.Font, func(t *testing.T) {
				for _, problem := range b.Open(t, file, v).Problems() {
					t.Error(problem)
				}
			})
		}
	}
}
