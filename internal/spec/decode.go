package spec

import (
	"fmt"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// decoder turns a YAML tree into a Spec and keeps where everything stood. It goes
// on after an error, so that all of them are told at once.
type decoder struct {
	at       map[string]*token.Position // of every value given, by path
	problems []Problem
}

const notUnderstood = "anchors, aliases and tags are not understood here; write the value out"

func (d *decoder) report(path string, n ast.Node, format string, args ...any) {
	p := Problem{Path: path, Message: lang.Sprintf(format, args...)}
	if t := n.GetToken(); t != nil {
		p.Line, p.Column = t.Position.Line, t.Position.Column
	}
	d.problems = append(d.problems, p)
}

func (d *decoder) decode(path string, n ast.Node, v reflect.Value) {
	if d.at[path] == nil && n.GetToken() != nil {
		d.at[path] = n.GetToken().Position
	}
	switch n.(type) {
	case *ast.AnchorNode, *ast.AliasNode, *ast.TagNode, *ast.MergeKeyNode:
		d.report(path, n, notUnderstood)
		return
	}
	switch target := v.Addr().Interface().(type) {
	case *netip.Prefix:
		d.text(path, n, "a range such as 198.51.100.0/24", func(s string) (err error) { *target, err = parsePrefix(s); return })
		return
	case *netip.Addr:
		d.text(path, n, "an address such as 198.51.100.10", func(s string) (err error) {
			if *target, err = netip.ParseAddr(s); err != nil || !target.Is4() {
				return lang.Errorf("%q is not an IPv4 address such as 198.51.100.10", s)
			}
			return nil
		})
		return
	case *Date:
		d.text(path, n, "a day such as 2027-06-30", func(s string) (err error) {
			if target.Time, err = time.Parse(time.DateOnly, s); err != nil {
				return lang.Errorf("%q is not a day; write YYYY-MM-DD, such as 2027-06-30", s)
			}
			return nil
		})
		return
	case *PortRange:
		if i, ok := n.(*ast.IntegerNode); ok && !octal.MatchString(i.Token.Value) {
			n = &ast.StringNode{BaseNode: i.BaseNode, Token: i.Token, Value: i.Token.Value}
		}
		d.text(path, n, `ports such as "9100" or "9100-9110"`, func(s string) (err error) { *target, err = parsePorts(s); return })
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		d.decode(path, n, v.Elem())
	case reflect.Struct:
		if block, ok := reflect.TypeAssert[interface{ defaults() }](v.Addr()); ok {
			block.defaults()
		}
		d.mapping(path, n, v)
	case reflect.Slice:
		d.sequence(path, n, v)
	case reflect.Map:
		d.table(path, n, v)
	case reflect.String:
		d.text(path, n, "text", func(s string) error { v.SetString(s); return nil })
	case reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			d.report(path, n, "must be true or false, not %s", describe(n))
			return
		}
		v.SetBool(b.Value)
	case reflect.Int:
		i, ok := n.(*ast.IntegerNode)
		if !ok {
			d.report(path, n, "must be a whole number, not %s", describe(n))
			return
		}
		if octal.MatchString(i.Token.Value) {
			d.report(path, n, "%s is one number for some and another for others; write it without the 0 in front", i.Token.Value)
			return
		}
		number, err := strconv.ParseInt(strings.ReplaceAll(i.Token.Value, "_", ""), 0, 32)
		if err != nil {
			d.report(path, n, "%s is not a number that fits here", i.Token.Value)
			return
		}
		v.SetInt(number)
	default:
		panic("spec: no decoder for " + v.Type().String())
	}
}

// text hands a string to set and reports what is wrong with it.
func (d *decoder) text(path string, n ast.Node, what string, set func(string) error) {
	var s string
	switch n := n.(type) {
	case *ast.StringNode:
		if n.Token.Type == token.StringType && numeric.MatchString(n.Value) {
			d.report(path, n, "must be text; put it in quotes: %q", n.Value)
			return
		}
		s = n.Value
	case *ast.LiteralNode:
		s = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		d.report(path, n, "must be text; put it in quotes: %q", n.GetToken().Value)
		return
	default:
		d.report(path, n, "must be %s, not %s", lang.Say(what), describe(n))
		return
	}
	if err := set(s); err != nil {
		d.report(path, n, "%v", err)
	}
}

func (d *decoder) mapping(path string, n ast.Node, v reflect.Value) {
	m, ok := n.(ast.MapNode)
	if !ok {
		d.report(path, n, "must hold keys (%s), not %s", strings.Join(keys(v.Type()), ", "), describe(n))
		return
	}
	seen := map[string]bool{}
	for it := m.MapRange(); it.Next(); {
		key, value := it.Key(), it.Value()
		if key.GetToken() == nil {
			continue
		}
		name := key.GetToken().Value
		inner := path + "." + name
		field := -1
		for i, k := range keys(v.Type()) {
			if k == name {
				field = i
			}
		}
		switch {
		case field < 0:
			d.report(inner, key, "unknown key%s (known here: %s)", nearest(name, keys(v.Type())), strings.Join(keys(v.Type()), ", "))
		case seen[name]:
			d.report(inner, key, "given twice")
		default:
			seen[name] = true
			if _, null := value.(*ast.NullNode); null {
				continue // an empty key means its default
			}
			if _, scalar := value.(ast.ScalarNode); !scalar {
				d.at[inner] = key.GetToken().Position
			}
			d.decode(inner, value, v.Field(field))
		}
	}
}

func (d *decoder) sequence(path string, n ast.Node, v reflect.Value) {
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		d.report(path, n, "must be a list, not %s", describe(n))
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(s.Values), len(s.Values)))
	for i, item := range s.Values {
		d.decode(fmt.Sprintf("%s[%d]", path, i), item, v.Index(i))
	}
}

// table reads a mapping whose keys are the file's own, to text.
func (d *decoder) table(path string, n ast.Node, v reflect.Value) {
	m, ok := n.(ast.MapNode)
	if !ok {
		d.report(path, n, "must hold keys with a text each, not %s", describe(n))
		return
	}
	v.Set(reflect.MakeMap(v.Type()))
	for it := m.MapRange(); it.Next(); {
		t := it.Key().GetToken()
		if t == nil {
			continue
		}
		key, inner := reflect.ValueOf(t.Value), path+"."+t.Value
		if v.MapIndex(key).IsValid() {
			d.report(inner, it.Key(), "given twice")
			continue
		}
		value := reflect.New(v.Type().Elem()).Elem()
		d.decode(inner, it.Value(), value)
		v.SetMapIndex(key, value)
	}
}

// keys are those of a block, in the order of its fields. Fields without one come last.
func keys(t reflect.Type) []string {
	out := make([]string, 0, t.NumField())
	for f := range t.Fields() {
		if f.IsExported() {
			out = append(out, f.Tag.Get("yaml"))
		}
	}
	return out
}

// nearest is `; did you mean "x"?` when one of the known keys is close.
func nearest(name string, known []string) string {
	best, distance := "", 3
	for _, k := range known {
		if d := levenshtein.ComputeDistance(strings.ToLower(name), k); d < distance {
			best, distance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return lang.Sprintf(", did you mean %q?", best)
}

func describe(n ast.Node) string {
	switch n.(type) {
	case ast.MapNode:
		return lang.Say("a block of keys")
	case *ast.SequenceNode:
		return lang.Say("a list")
	case *ast.NullNode:
		return lang.Say("nothing")
	default:
		return fmt.Sprintf("%q", n.GetToken().Value)
	}
}

// parsePrefix reads an IPv4 range without host bits; a bare address is a /32.
func parsePrefix(s string) (netip.Prefix, error) {
	if a, err := netip.ParseAddr(s); err == nil && a.Is4() {
		return netip.PrefixFrom(a, 32), nil
	}
	p, err := netip.ParsePrefix(s)
	switch {
	case err != nil:
		return p, lang.Errorf("%q is not a range such as 198.51.100.0/24", s)
	case !p.Addr().Is4():
		return p, lang.Errorf("%q is IPv6; the VPC has IPv4 only: give an IPv4 range", s)
	case p.Masked() != p:
		return p, lang.Errorf("%q has host bits set; write %s", s, p.Masked())
	}
	return p, nil
}

func parsePorts(s string) (PortRange, error) {
	from, to, isRange := strings.Cut(s, "-")
	if !isRange {
		to = from
	}
	a, errA := strconv.ParseUint(from, 10, 16)
	b, errB := strconv.ParseUint(to, 10, 16)
	if errA != nil || errB != nil || a == 0 || a > b {
		return PortRange{}, lang.Errorf(`%q is not a port or a range of ports within 1-65535, such as "9100" or "9100-9110"`, s)
	}
	return PortRange{uint16(a), uint16(b)}, nil
}

// String is "9100" or "9100-9110".
func (r PortRange) String() string {
	if r.From == r.To {
		return strconv.Itoa(int(r.From))
	}
	return fmt.Sprintf("%d-%d", r.From, r.To)
}
