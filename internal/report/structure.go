package report

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// Policies and dashboards are JSON. Line by line their differences are fragments without a
// beginning; here they are told by what they are about: a statement by its Sid, a widget by its title.

// structural lists how two JSON objects differ, each line with -, + or ~ before it. It is false
// when one of them is no object.
func (p *Printer) structural(have, want string) (lines []string, ok bool) {
	var a, b map[string]any
	if json.Unmarshal([]byte(have), &a) != nil || json.Unmarshal([]byte(want), &b) != nil || a == nil || b == nil {
		return nil, false
	}
	return p.differ("", a, b), true
}

// differ compares two values of the same path.
func (p *Printer) differ(path string, have, want any) []string {
	if compact(have) == compact(want) {
		return nil
	}
	if a, ok := have.(map[string]any); ok {
		if b, ok := want.(map[string]any); ok {
			if path != "" {
				path += "."
			}
			return p.byName(a, b, func(name string) string { return path + name })
		}
	}
	a, isList := have.([]any)
	b, toList := want.([]any)
	switch { // IAM takes a single value for a list of one
	case isList && !toList:
		b = []any{want}
	case !isList && toList:
		a = []any{have}
	case !isList:
		return []string{"~ " + path + ": " + compact(have) + " → " + compact(want)}
	}
	return p.lists(path, a, b)
}

// lists compares lists: members with labels by these, lists of as many objects one by one, and
// others as sets.
func (p *Printer) lists(path string, have, want []any) []string {
	if a, b := labelled(have), labelled(want); a != nil && b != nil {
		if path == "widgets" {
			return p.widgets(a, b)
		}
		return p.byName(a, b, func(label string) string { return path + "[" + label + "]" })
	}
	_, object := first(have).(map[string]any)
	if object && len(have) == len(want) {
		var out []string
		for i := range have {
			out = append(out, p.differ(path, have[i], want[i])...)
		}
		return out
	}
	var out []string
	without := func(mark string, these, those []any) {
		for _, v := range these {
			if !slices.ContainsFunc(those, func(w any) bool { return compact(v) == compact(w) }) {
				out = append(out, mark+" "+path+": "+compact(v))
			}
		}
	}
	without("-", have, want)
	without("+", want, have)
	if len(out) == 0 {
		return []string{"~ " + path + ": " + compact(have) + " → " + compact(want)} // another order
	}
	return out
}

func first(list []any) any {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

// byName compares what both sides have under the same names.
func (p *Printer) byName(have, want map[string]any, path func(string) string) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if _, asked := want[name]; !asked {
			out = append(out, "- "+path(name)+": "+compact(have[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if had, there := have[name]; there {
			out = append(out, p.differ(path(name), had, want[name])...)
		} else {
			out = append(out, "+ "+path(name)+": "+compact(want[name]))
		}
	}
	return out
}

// widgets compares the widgets of a dashboard. What comes and goes is named, not shown: it is for
// looking at, and no danger.
func (p *Printer) widgets(have, want map[string]any) []string {
	both := map[string]any{}
	var removed, added []string
	for _, title := range slices.Sorted(maps.Keys(have)) {
		if _, asked := want[title]; asked {
			both[title] = have[title]
		} else {
			removed = append(removed, title)
		}
	}
	kept := maps.Clone(want)
	for _, title := range slices.Sorted(maps.Keys(want)) {
		if both[title] == nil {
			added = append(added, title)
			delete(kept, title)
		}
	}
	var out []string
	if len(removed) > 0 {
		out = append(out, "- "+p.Lang.Sayf("%d {widget|widgets} removed: %s", len(removed), strings.Join(removed, ", ")))
	}
	if len(added) > 0 {
		out = append(out, "+ "+p.Lang.Sayf("%d {widget|widgets} added: %s", len(added), strings.Join(added, ", ")))
	}
	return append(out, p.byName(both, kept, func(title string) string { return title })...)
}

// labelled are the members of a list by what they are called; nil when one has no label, or two
// have the same.
func labelled(list []any) map[string]any {
	out := map[string]any{}
	for _, v := range list {
		label := label(v)
		if _, twice := out[label]; twice || label == "" {
			return nil
		}
		out[label] = v
	}
	return out
}

// label is what a member of a list is called: a statement's Sid, a widget's title, or what is
// written in one without a title.
func label(v any) string {
	object, _ := v.(map[string]any)
	for _, name := range []string{"Sid", "title", "markdown"} {
		if text, ok := object[name].(string); ok {
			return FirstLine(text)
		}
	}
	if properties, ok := object["properties"]; ok {
		return label(properties)
	}
	return ""
}

// compact is a value as JSON on one line; text that needs no quotes has none.
func compact(v any) string {
	if text, ok := v.(string); ok && text != "" && !strings.ContainsAny(text, " \t\n\",") {
		return text
	}
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return err.Error() // no value that was decoded from JSON
	}
	return strings.TrimSuffix(b.String(), "\n")
}
