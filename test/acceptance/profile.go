package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/awsapi/recording"
)

// profile is of what kind the answers to one operation were during one step.
type profile struct {
	calls  int
	paths  map[string]*seen    // by path: "Vpcs[].State"
	orders map[string][]string // by path of a list: the orders in which its items came, as JSON
	codes  map[string]bool     // of errors
}

// seen is what was seen at one path of the answers.
type seen struct{ values map[string]bool }

// most is how many values of a path, and orders of a list, are kept: what takes more is
// no default and no state.
const most = 12

// profiles reads what was recorded of a step, by operation.
func profiles(all []recording.Exchange) map[string]*profile {
	out := map[string]*profile{}
	for _, e := range all {
		p := out[e.Name()]
		if p == nil {
			p = &profile{paths: map[string]*seen{}, orders: map[string][]string{}, codes: map[string]bool{}}
			out[e.Name()] = p
		}
		p.calls++
		for _, code := range e.Codes {
			p.codes[code] = true
		}
		if answer, ok := e.Answer.(map[string]any); ok {
			p.note("", answer)
		}
	}
	return out
}

// note notes a value and everything in it.
func (p *profile) note(path string, value any) {
	s := p.paths[path]
	if s == nil {
		s = &seen{values: map[string]bool{}}
		p.paths[path] = s
	}
	switch value := value.(type) {
	case map[string]any:
		for key, each := range value {
			p.note(strings.TrimPrefix(path+"."+member(key), "."), each)
		}
	case []any:
		p.order(path, value)
		for _, each := range value {
			p.note(path+"[]", each)
		}
	default:
		if len(s.values) <= most {
			s.values[fmt.Sprint(value)] = true
		}
	}
}

var name = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]*$`)

// member is a key as a path has it: those that are no names of members, but names of
// somebody's things, are all the same.
func member(key string) string {
	if name.MatchString(key) {
		return key
	}
	return "{}"
}

// order notes in which order the items of a list came.
func (p *profile) order(path string, items []any) {
	if len(items) < 2 || len(p.orders[path]) >= most {
		return
	}
	text, err := json.Marshal(items)
	if err == nil && !slices.Contains(p.orders[path], string(text)) {
		p.orders[path] = append(p.orders[path], string(text))
	}
}

// difference is one way in which AWS's answers are of another kind than the sandbox's.
type difference struct {
	Operation, Sort, Path, AWS, Sandbox string
}

// The sorts of differences.
const (
	asked    = "asked"
	shape    = "shape"
	values   = "values"
	inOrder  = "order"
	codeSort = "codes"
)

// compare tells where the answers of one step differ.
func compare(outside, inside map[string]*profile) []difference {
	var out []difference
	for _, op := range slices.Sorted(maps.Keys(both(outside, inside))) {
		a, s := outside[op], inside[op]
		switch {
		case s == nil:
			out = append(out, difference{op, asked, "", fmt.Sprintf("%d calls", a.calls), "never called"})
			continue
		case a == nil:
			out = append(out, difference{op, asked, "", "never called", fmt.Sprintf("%d calls", s.calls)})
			continue
		}
		for _, d := range slices.Concat(shapes(a, s), valuesOf(a, s), ordersOf(a, s), codesOf(a, s)) {
			d.Operation = op
			out = append(out, d)
		}
	}
	return out
}

func both[V any](a, b map[string]V) map[string]bool {
	out := map[string]bool{}
	for key := range a {
		out[key] = true
	}
	for key := range b {
		out[key] = true
	}
	return out
}

// shapes are the members that only one side tells; what is inside them goes without saying.
func shapes(a, s *profile) []difference {
	var out []difference
	for _, path := range slices.Sorted(maps.Keys(both(a.paths, s.paths))) {
		inA, inS := a.paths[path], s.paths[path]
		above := parent(path)
		switch {
		case inA != nil && inS != nil:
		case inS == nil && s.paths[above] != nil:
			out = append(out, difference{"", shape, path, "told" + example(inA), "not told"})
		case inA == nil && a.paths[above] != nil:
			out = append(out, difference{"", shape, path, "not told", "told" + example(inS)})
		}
	}
	return out
}

// parent is the path of what holds the value at a path; "" is the answer itself.
func parent(path string) string {
	if inner, list := strings.CutSuffix(path, "[]"); list {
		return inner
	}
	return path[:max(0, strings.LastIndex(path, "."))]
}

func example(s *seen) string {
	if len(s.values) == 0 {
		return ""
	}
	return ": " + list(s.values)
}

func list(values map[string]bool) string {
	sorted := slices.Sorted(maps.Keys(values))
	if len(sorted) > 4 {
		return strings.Join(sorted[:4], ", ") + fmt.Sprintf(" and %d more", len(sorted)-4)
	}
	return strings.Join(sorted, ", ")
}

// constant is a word that AWS itself makes: a state, a mode, a number, a yes or no.
// Other texts are names and descriptions, of which there are as many as things.
var constant = regexp.MustCompile(`^([A-Z][A-Z0-9_]+|true|false|-?[0-9.]+(e[+-]?[0-9]+)?|[A-Za-z]+([-_ .:][A-Za-z]+){0,3})$`)

// valuesOf are members that both sides tell, and whose values differ: defaults and states.
func valuesOf(a, s *profile) []difference {
	var out []difference
	for _, path := range slices.Sorted(maps.Keys(a.paths)) {
		inS := s.paths[path]
		if inS == nil || len(a.paths[path].values) > most || len(inS.values) > most {
			continue
		}
		onlyA, onlyS := without(a.paths[path].values, inS.values), without(inS.values, a.paths[path].values)
		if len(onlyA)+len(onlyS) > 0 {
			out = append(out, difference{"", values, path, list(onlyA), list(onlyS)})
		}
	}
	return out
}

func without(a, b map[string]bool) map[string]bool {
	out := map[string]bool{}
	for value := range a {
		if !b[value] && constant.MatchString(value) {
			out[value] = true
		}
	}
	return out
}

// ordersOf are lists that hold the same on both sides, in another order.
func ordersOf(a, s *profile) []difference {
	var out []difference
	for _, path := range slices.Sorted(maps.Keys(a.orders)) {
		for _, one := range a.orders[path] {
			if slices.Contains(s.orders[path], one) {
				continue
			}
			for _, other := range s.orders[path] {
				if sorted(one) == sorted(other) {
					out = append(out, difference{"", inOrder, path, short(one), short(other)})
					break
				}
			}
		}
	}
	return out
}

// sorted is a list of JSON with its items in the order of their texts.
func sorted(list string) string {
	var items []json.RawMessage
	if err := json.Unmarshal([]byte(list), &items); err != nil {
		return list // it was made by Marshal
	}
	texts := make([]string, len(items))
	for i, item := range items {
		texts[i] = string(item)
	}
	slices.Sort(texts)
	return strings.Join(texts, "\n")
}

const shortest = 120

func short(text string) string {
	if len(text) > shortest {
		return text[:shortest] + "…"
	}
	return text
}

// codesOf are the error codes that only one side gave.
func codesOf(a, s *profile) []difference {
	onlyA, onlyS := map[string]bool{}, map[string]bool{}
	for code := range both(a.codes, s.codes) {
		if !s.codes[code] {
			onlyA[code] = true
		}
		if !a.codes[code] {
			onlyS[code] = true
		}
	}
	if len(onlyA)+len(onlyS) == 0 {
		return nil
	}
	return []difference{{"", codeSort, "", list(onlyA), list(onlyS)}}
}
