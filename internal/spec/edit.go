package spec

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
)

// Change is one value that a client's file is to have.
type Change struct {
	Path  string // as problems name it, without "$.": "backup.archive.every"
	Value any    // a string, an int or a bool, whichever the spec has there
}

// EditError says that a file must be changed by hand, and how.
type EditError struct {
	File    string
	Changes []Change // all that were asked for and differ
	Why     string
}

func (e *EditError) Error() string {
	todo := make([]string, len(e.Changes))
	for i, c := range e.Changes {
		todo[i] = c.Path + ": " + scalarText(c.Value, 0)
	}
	return lang.Sprintf("%s cannot be changed without risk (%s); change it by hand: %s", e.File, e.Why, strings.Join(todo, ", "))
}

// Edit gives a client's file new values and leaves every other byte as it was:
// comments, order, quotes, line ends. A value that is as wanted already, be it by
// default, changes nothing.
//
// What comes out is read again: it says what the file said, with the new values,
// or the error is an *EditError. It is an *InvalidError where the file or a new
// value is not valid.
func Edit(file string, source []byte, changes ...Change) ([]byte, error) {
	out := source
	var todo []Change
	var why error
	for _, c := range changes {
		want, err := Parse(file, out)
		if err != nil {
			return nil, err
		}
		differs, err := assign(want, c)
		if err != nil {
			return nil, err
		}
		if !differs {
			continue
		}
		todo = append(todo, c)
		if why != nil {
			continue // for the list of what is left to do by hand
		}
		edited, err := rewrite(out, c)
		if err != nil {
			why = err
			continue
		}
		got, err := Parse(file, edited)
		if invalid, ok := errors.AsType[*InvalidError](err); ok && invalid.onlyAbout(c.Path) {
			return nil, err
		}
		if err != nil || !got.says(want) {
			why = lang.New("it would not read back as it should")
			continue
		}
		out = edited
	}
	if why != nil {
		return nil, &EditError{file, todo, why.Error()}
	}
	return out, nil
}

// says reports whether two files say the same, defaults included.
func (s *Spec) says(other *Spec) bool {
	one, two := *s, *other
	one.source, two.source = nil, nil
	return reflect.DeepEqual(one, two)
}

// onlyAbout reports whether nothing but this value is wrong.
func (e *InvalidError) onlyAbout(path string) bool {
	return !slices.ContainsFunc(e.Problems, func(p Problem) bool { return p.Path != "$."+path })
}

// assign changes a value of a spec, and reports whether it was another.
func assign(s *Spec, c Change) (differs bool, err error) {
	v := s.at(c.Path)
	switch v.Kind() {
	case reflect.Invalid:
		return false, lang.Errorf("a spec has no value %s", c.Path)
	case reflect.String, reflect.Int, reflect.Bool:
	default:
		return false, lang.Errorf("%s is not a single value", c.Path)
	}
	value := reflect.ValueOf(c.Value)
	if value.Kind() != v.Kind() {
		return false, lang.Errorf("%s takes a value of type %s", c.Path, v.Kind())
	}
	value = value.Convert(v.Type())
	differs = !v.Equal(value)
	v.Set(value)
	return differs, nil
}

// at is the value that a path names, or none.
func (s *Spec) at(path string) reflect.Value {
	v := reflect.ValueOf(s).Elem()
	for _, key := range steps(path) {
		if n, isItem := item(key); isItem {
			if v.Kind() != reflect.Slice || n >= v.Len() {
				return reflect.Value{}
			}
			v = v.Index(n)
			continue
		}
		i := -1
		if v.Kind() == reflect.Struct {
			i = slices.Index(keys(v.Type()), key)
		}
		if i < 0 {
			return reflect.Value{}
		}
		v = v.Field(i)
	}
	return v
}

// steps are the keys of a path, and the positions in lists: "apps", "[0]", "name".
func steps(path string) []string {
	return strings.Split(strings.ReplaceAll(path, "[", ".["), ".")
}

// item is the position that a step of a path names.
func item(step string) (n int, isItem bool) {
	text, isItem := strings.CutPrefix(step, "[")
	if !isItem {
		return 0, false
	}
	n, err := strconv.Atoi(strings.TrimSuffix(text, "]"))
	return n, err == nil && n >= 0
}

// Value is what a spec has where a change would change it, or nil.
func (s *Spec) Value(path string) any {
	if v := s.at(path); v.IsValid() {
		return v.Interface()
	}
	return nil
}

var (
	// barePattern is text that is the same without quotes wherever it stands.
	barePattern = lazyregexp.New(`^[A-Za-z][A-Za-z0-9_./+-]*$`)
	// clockPattern is text that may go without quotes where other text of its kind did.
	clockPattern = lazyregexp.New(`^[A-Za-z0-9]([A-Za-z0-9:-]*[A-Za-z0-9])?$`)
	// wordPattern is what YAML, in one of its versions, takes for no text.
	wordPattern = lazyregexp.New(`(?i)^(y|n|yes|no|on|off|true|false|null)$`)
)

// scalarText is a value as YAML has it. Text is in the given quotes; without any,
// where it needs them.
func scalarText(value any, quote byte) string {
	text, isText := value.(string)
	switch {
	case !isText:
		return fmt.Sprint(value)
	case quote == 0 && barePattern.MatchString(text) && !wordPattern.MatchString(text):
		return text
	case quote == '\'':
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	default:
		return strconv.Quote(text)
	}
}

// rewrite makes one change in the text of a file, where it is not that already.
func rewrite(source []byte, c Change) ([]byte, error) {
	if text, ok := c.Value.(string); ok && strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, lang.Errorf("%s has characters that cannot be typed everywhere", c.Path)
	}
	mark, body := []byte(nil), source
	if bytes.HasPrefix(source, byteOrderMark) {
		mark, body = byteOrderMark, source[len(byteOrderMark):]
	}
	p, err := newPage(body)
	if err != nil {
		return nil, err
	}
	if err := p.set(p.root, steps(c.Path), c.Value); err != nil {
		return nil, err
	}
	return slices.Concat(mark, p.result()), nil
}
