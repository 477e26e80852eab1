package sandbox

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"strings"
)

// Twin makes the account what another one is under other names: of what is called by the first of a
// pair there, everything has the second here. Names are replaced wherever they stand, also in what
// is kept in base64 (user data, objects); they must be as long as those that they replace, and none
// may be a part of another. The account's number is replaced too. What was here is gone.
func (a *Account) Twin(of *Account, names [][2]string) error {
	pairs := []string{of.opts.ID, a.opts.ID}
	for _, n := range names {
		if len(n[0]) != len(n[1]) {
			return fmt.Errorf("twin of the sandbox: %q is longer or shorter than %q", n[1], n[0])
		}
		pairs = append(pairs, n[0], n[1], strings.ToLower(n[0]), strings.ToLower(n[1]))
	}
	snapshot, err := of.Snapshot()
	if err != nil {
		return err
	}
	return a.Restore(renamed(snapshot, strings.NewReplacer(pairs...)))
}

// renamed is JSON in which texts have other names.
func renamed(data []byte, names *strings.Replacer) []byte {
	text := []byte(names.Replace(string(data)))
	var out bytes.Buffer
	out.Grow(len(text))
	for {
		begin := bytes.IndexByte(text, '"')
		if begin < 0 {
			out.Write(text)
			return out.Bytes()
		}
		end := begin + 1
		for text[end] != '"' {
			if text[end] == '\\' {
				end++
			}
			end++
		}
		out.Write(text[:begin+1])
		out.WriteString(inBase64(string(text[begin+1:end]), names))
		out.WriteByte('"')
		text = text[end+1:]
	}
}

// shortest is the length of the shortest text that may be base64 of something with a name in it.
const shortest = 16

// inBase64 is a text whose content has other names, if it is base64 of something that has any.
func inBase64(s string, names *strings.Replacer) string {
	if len(s) < shortest || len(s)%4 != 0 {
		return s
	}
	raw, err := base64.StdEncoding.Strict().DecodeString(s)
	if err != nil {
		return s
	}
	with := names.Replace(string(raw))
	if with == string(raw) {
		return s
	}
	return base64.StdEncoding.EncodeToString([]byte(with))
}
