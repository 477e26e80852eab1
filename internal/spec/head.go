package spec

import (
	"bytes"
	"unicode/utf8"

	"github.com/goccy/go-yaml"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Head is what a file says of where its client is.
type Head struct {
	Client  string `yaml:"client"`
	Region  string `yaml:"region"`
	Account string `yaml:"account"` // "" for that of the credentials
}

// ReadHead reads the head of a file and not more, for whoever needs those of thousands. What is
// wrong elsewhere is not found, unless it makes unclear where the head is: then the file is parsed,
// and the error is an *InvalidError.
func ReadHead(file string, data []byte) (Head, error) {
	if h, plain := plainHead(data); plain {
		return h, nil
	}
	var h Head
	if err := yaml.Unmarshal(unixLines(bytes.TrimPrefix(data, byteOrderMark)), &h); err != nil {
		return Head{}, &InvalidError{file, []Problem{syntaxProblem(err)}}
	}
	switch {
	case h.Client == "":
		return Head{}, &InvalidError{file, []Problem{{Path: "$.client", Message: lang.Say("missing; give the client's code, such as ACME")}}}
	case h.Region == "":
		return Head{}, &InvalidError{file, []Problem{{Path: "$.region", Message: lang.Say("missing; give the client's region, such as eu-west-3")}}}
	}
	return h, nil
}

// plainHead reads the head of a file as nearly all are written: each key of the first level at the
// beginning of a line, and the head's values on its line. It is not plain if anything else is at
// the beginning of a line.
func plainHead(data []byte) (Head, bool) {
	data = bytes.TrimPrefix(data, byteOrderMark)
	if !utf8.Valid(data) || bytes.IndexByte(data, 0) >= 0 || bytes.IndexByte(data, '\t') >= 0 {
		return Head{}, false
	}
	var h Head
	seen := map[string]bool{}
	for len(data) > 0 {
		var line []byte
		line, data, _ = bytes.Cut(data, []byte("\n"))
		line = bytes.TrimSuffix(line, []byte("\r"))
		if len(line) == 0 || line[0] == ' ' || line[0] == '#' {
			continue
		}
		name, value, ok := bytes.Cut(line, []byte(":"))
		key := string(name)
		if !ok || !plainWord(key) || seen[key] || len(value) > 0 && value[0] != ' ' {
			return Head{}, false
		}
		seen[key] = true
		var to *string
		switch key {
		case "client":
			to = &h.Client
		case "region":
			to = &h.Region
		case "account":
			to = &h.Account
		default:
			continue
		}
		if text, _, commented := bytes.Cut(value, []byte(" #")); commented {
			value = text
		}
		if *to = string(bytes.TrimSpace(value)); !plainWord(*to) {
			return Head{}, false
		}
	}
	return h, h.Client != "" && h.Region != ""
}

// plainWord reports whether a text is a word that YAML takes as it is.
func plainWord(text string) bool {
	for i := range len(text) {
		c := text[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
		if !letter && (i == 0 || c != '-' && c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return text != ""
}
