package rules

import (
	"fmt"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Region is one of the places that the document allows.
type Region struct{ Name, City string }

// Regions are the four regions of the document; each has three AZs or more.
func Regions() []Region {
	return []Region{{"eu-west-3", "Paris"}, {"eu-west-1", "Ireland"}, {"eu-central-1", "Frankfurt"}, {"eu-west-2", "London"}}
}

// CheckRegion returns an error that lists the allowed regions for any other.
func CheckRegion(name string) error {
	var list []string
	for _, r := range Regions() {
		list = append(list, fmt.Sprintf("%s (%s)", r.Name, lang.Say(r.City)))
	}
	if slices.ContainsFunc(Regions(), func(r Region) bool { return r.Name == name }) {
		return nil
	}
	return lang.Errorf("region %q is not one of %s", name, strings.Join(list, ", "))
}
