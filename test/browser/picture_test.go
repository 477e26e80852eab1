package browser_test

import (
	"path/filepath"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/document/documenttest"
	"gitlab.com/cicd/cicdctl/test/browser"
)

// What the sample looks like: its first screen, and each diagram, on both screens in both schemes.
func TestSampleLooksAsWanted(t *testing.T) {
	b := browser.Start(t)
	for lang, v := range map[string]browser.View{"en": browser.Desk, "fr": browser.Phone} {
		file := written(t, documenttest.Sample(lang))
		for _, v := range []browser.View{v, v.InDark()} {
			for _, part := range []string{"", "#network .picture", "#backups .picture", "#maintenance .picture"} {
				name := strings.TrimSuffix(lang+"-"+v.String()+"-"+strings.TrimPrefix(strings.TrimSuffix(part, " .picture"), "#"), "-")
				t.Run(name, func(t *testing.T) {
					browser.Golden(t, filepath.Join("testdata", name+".png"), b.Open(t, file, v).Picture(part))
				})
			}
		}
	}
}

// The comparison sees what a person sees, and no more.
func TestPicturesDiffer(t *testing.T) {
	b := browser.Start(t)
	picture := func(before, after string) float64 {
		t.Helper()
		was := b.Open(t, planted(t, before, before), browser.Desk).Picture("")
		return browser.Differing(was, b.Open(t, planted(t, before, after), browser.Desk).Picture(""))
	}
	if share := picture("<main>", "<main>"); share != 0 {
		t.Errorf("%.2f %% of one page differ between two looks at it", share*100)
	}
	if share := picture(">Summary<", ">Summery<"); share > 0.01 {
		t.Errorf("%.2f %% differ by one letter", share*100)
	}
	if share := picture("line-height: 1.25", "line-height: 1.6"); share <= 0.01 {
		t.Errorf("%.2f %% differ by lines that have moved", share*100)
	}
}
