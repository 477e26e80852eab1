package kit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"gitlab.com/cicd/cicdctl/internal/count"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// Prefixed puts a prefix before each item, in place.
func Prefixed(prefix string, items []string) []string {
	for i := range items {
		items[i] = prefix + items[i]
	}
	return items
}

// CanonicalOr is the canonical text of JSON, and what is no JSON as it is.
func CanonicalOr(text string) string {
	if canonical, err := rules.CanonicalJSON(text); err == nil {
		return canonical
	}
	return text
}

// CanonicalIn makes the text of one attribute canonical.
func CanonicalIn(attributes map[string]string, name string) {
	if text, ok := attributes[name]; ok {
		attributes[name] = CanonicalOr(text)
	}
}

// Days is the canonical text of a retention; AWS says nothing for "for ever".
func Days(n int32) string {
	if n == 0 {
		return "for ever"
	}
	return count.Sprintf("%d {day|days}", n)
}

// Lines is the canonical text of a list: sorted, one item a line.
func Lines(items []string) string {
	switch len(items) {
	case 0:
		return ""
	case 1:
		return items[0]
	}
	items = slices.Clone(items)
	slices.Sort(items)
	return strings.Join(slices.Compact(items), "\n")
}

// OnOff is the canonical text of a switch.
func OnOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// Missing returns the items of the canonical list want that have lacks.
func Missing(want, have string) []string {
	var out []string
	held := strings.Split(have, "\n")
	for item := range strings.SplitSeq(want, "\n") {
		if item != "" && !slices.Contains(held, item) {
			out = append(out, item)
		}
	}
	return out
}

// Value is what a pointer leads to, and nothing where it leads nowhere.
func Value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// Number is the canonical text of a number; nothing is 0.
func Number(n *int32) string { return strconv.Itoa(int(aws.ToInt32(n))) }

// ResourcePolicy is the canonical text of a policy; what is no JSON differs as it is.
func ResourcePolicy(policy *string) string {
	text, err := rules.CanonicalJSON(aws.ToString(policy))
	if err != nil {
		return aws.ToString(policy)
	}
	return text
}

// Size is a number of bytes as people read it, in units of 1000: "1.2 MB".
func Size(bytes int64) string {
	size, unit := float64(bytes), "B"
	for _, next := range []string{"kB", "MB", "GB", "TB"} {
		if size < 1000 {
			break
		}
		size, unit = size/1000, next
	}
	if unit == "B" {
		return fmt.Sprintf("%d B", bytes)
	}
	return fmt.Sprintf("%.1f %s", size, unit)
}

// Many is "1 zone" or "2 zones".
func Many(n int, what string) string {
	return count.Of(n, what, what+"s")
}
