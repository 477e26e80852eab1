package spec

import (
	"bytes"
	"regexp"
	"testing"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// TestNewFilesDifferInWordsOnly holds that the commented defaults are the same in both languages.
func TestNewFilesDifferInWordsOnly(t *testing.T) {
	words := regexp.MustCompile(`(?m)(^# [A-Z].*| {2,}# .*)$`)
	english := New("ACME", "eu-west-3", "")
	lang.Use(lang.French)
	french := New("ACME", "eu-west-3", "")
	lang.Use(lang.English)
	if bytes.Equal(english, french) {
		t.Error("the file is not translated")
	}
	if en, fr := words.ReplaceAllString(string(english), "#"), words.ReplaceAllString(string(french), "#"); en != fr {
		t.Errorf("the files differ in more than words:\n%s\n%s", en, fr)
	}
}
