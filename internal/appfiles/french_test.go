package appfiles

import (
	"bytes"
	"regexp"
	"strings"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// bare is a file without its comments. Blocks of them may have other numbers of lines.
func bare(text string) string {
	whole, behind := regexp.MustCompile(`(?m)^[ \t]*(#|//)( .*)?\n`), regexp.MustCompile(`(?m) +(#|//) [A-Za-zÀ-ÿ(].*$`)
	return behind.ReplaceAllString(whole.ReplaceAllString(text, ""), "")
}

// TestLanguagesDifferInCommentsOnly compares the files in both languages: without comments they
// are the same, and no comment is left in English.
func TestLanguagesDifferInCommentsOnly(t *testing.T) {
	english := regexp.MustCompile(`(?m)^[ \t]*(?:#|//) .*\b(?:the|which|is|are|nothing|with|from)\b.*$`)
	compared, french := 0, 0
	for name, p := range projects(t) {
		files, err := p.Files()
		if err != nil {
			t.Fatal(err)
		}
		other := p.InOtherLanguage()
		others, err := other.Files()
		if err != nil {
			t.Fatal(err)
		}
		if other.Lang != lang.French || other.InOtherLanguage().Lang != lang.English {
			t.Error("the languages are not each other's other")
		}
		for i, f := range files {
			compared++
			if f.Path != others[i].Path || f.Runs != others[i].Runs || bare(string(f.Data)) != bare(string(others[i].Data)) {
				t.Errorf("%s, %s differs in more than comments:\n%s\n---\n%s", name, f.Path, bare(string(f.Data)), bare(string(others[i].Data)))
			}
			if !bytes.Equal(f.Data, others[i].Data) {
				french++
			}
			if line := english.FindString(string(others[i].Data)); line != "" && !strings.HasSuffix(f.Path, ".c") {
				t.Errorf("%s, %s has in French: %s", name, f.Path, line)
			}
		}
	}
	if french < 15 || compared < 20 {
		t.Errorf("%d of %d files are French", french, compared)
	}
}
