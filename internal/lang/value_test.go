package lang

import (
	"fmt"
	"strings"
	"testing"
)

func TestValuesAreSaidWhereTheyAreShown(t *testing.T) {
	for text, want := range map[string]string{
		"":                                    "",
		"acme-hosts":                          "acme-hosts",
		"{\"Statement\":[]}":                  "{\"Statement\":[]}",
		"on":                                  "activé",
		"every 365 days":                      "tous les 365 jours",
		"every 1 day":                         "tous les 1 jour",
		"acme-hosts, 3 to 6 hosts":            "acme-hosts, de 3 à 6 hôtes",
		"cron(0 3 * * ? *) UTC, kept 30 days": "cron(0 3 * * ? *) UTC, conservé 30 jours",
		"inbound\noutbound\nelse":             "entrant\nsortant\nelse",
		"2 of 3 running · image: v1":          "2 sur 3 en marche · image: v1",
		"serves as: writer":                   "sert en : écriture",
		"find out who did it, in the trail":   "find out who did it, in the trail",
		"db.r6g.large in eu-west-3a":          "db.r6g.large dans eu-west-3a",
		"stopped: RDS starts it by itself on 4/5": "arrêté : RDS le redémarre de lui-même le 4/5",
	} {
		if got := French.Value(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
		if got := English.Value(text); got != text {
			t.Errorf("%q: got %q in English", text, got)
		}
	}
}

// TestEveryValueIsRecognised makes each value of its format and reads it back.
func TestEveryValueIsRecognised(t *testing.T) {
	for format, fr := range worded() {
		var args []any
		for _, v := range verbs.FindAllStringSubmatch(format, -1) {
			switch v[2] {
			case "d":
				args = append(args, 2)
			case "%":
			default:
				args = append(args, "x-1")
			}
		}
		text := format
		if len(args) > 0 {
			text = English.Sayf(format, args...)
			fr = fmt.Sprintf(French.choose(fr, args), args...)
		}
		if got := French.Value(text); got != fr && !strings.Contains(format, "%v") {
			t.Errorf("%q: got %q, want %q", text, got, fr)
		}
	}
}
