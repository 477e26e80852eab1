package main

import (
	"maps"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
	"github.com/goccy/go-yaml"

	"gitlab.com/cicd/cicdctl/internal/cidr"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/rules"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// accountKeys are those of one account in the configuration.
var accountKeys = []string{"role", "external_id", "regions", "pools"}

// roleARN is that of an IAM role in the partition that the document's regions are in; a name or
// path has these characters (IAM API reference, CreateRole).
var roleARN = lazyregexp.New(`^arn:aws:iam::[0-9]{12}:role/[\w+=,.@/-]{1,512}$`)

// externalID has the characters that AssumeRole takes, and shortestID to longestID of them (STS
// API reference).
var externalID = lazyregexp.New(`^[\w+=,.@:/-]+$`)

const shortestID, longestID = 2, 1224

// accountsIn reads the accounts of a configuration file, or of CICDCTL_ACCOUNTS, which comes
// first. viper is not asked: it makes names small and takes dots in them for nesting.
func accountsIn(file string) ([]session.Account, error) {
	where, text := "CICDCTL_ACCOUNTS", []byte(os.Getenv("CICDCTL_ACCOUNTS"))
	var value any
	switch {
	case len(text) > 0:
		if err := yaml.Unmarshal(text, &value); err != nil {
			return nil, lang.Errorf("%s: must be YAML or JSON, names with an account each: %w", where, err)
		}
	case file != "":
		var err error
		if text, err = os.ReadFile(file); err != nil {
			return nil, err
		}
		where = file
		var all map[string]any
		if err := yaml.Unmarshal(text, &all); err != nil {
			return nil, lang.Errorf("%s: %w", file, err)
		}
		for key, each := range all { // as viper takes keys
			if strings.EqualFold(key, "accounts") {
				value = each
			}
		}
	}
	accounts, wrong := decodeAccounts(value)
	if len(wrong) > 0 {
		return nil, lang.Errorf("%s: %s", where, strings.Join(wrong, "; "))
	}
	return accounts, nil
}

// decodeAccounts makes accounts of what the file says, or tells all that is wrong with it.
func decodeAccounts(value any) (accounts []session.Account, wrong []string) {
	if value == nil {
		return nil, nil
	}
	named, ok := value.(map[string]any)
	if !ok {
		return nil, []string{lang.Sprintf("accounts: must be names with an account each, not %v", value)}
	}
	for _, name := range slices.Sorted(maps.Keys(named)) {
		c, bad := decodeAccount(name, named[name])
		accounts, wrong = append(accounts, c), append(wrong, bad...)
	}
	owners := map[string]string{}
	for _, c := range accounts {
		switch id := c.ID(); {
		case id == "":
		case owners[id] != "":
			wrong = append(wrong, lang.Sprintf("accounts.%s.role: %s is in the account of %s; an account has one name: remove one of them", c.Name, c.Role, owners[id]))
		default:
			owners[id] = c.Name
		}
	}
	return accounts, wrong
}

func decodeAccount(name string, value any) (c session.Account, wrong []string) {
	c.Name = name
	tell := func(key, format string, args ...any) {
		wrong = append(wrong, "accounts."+name+key+": "+lang.Sprintf(format, args...))
	}
	if err := spec.CheckAccount(name); err != nil {
		wrong = append(wrong, lang.Sprintf("accounts: %s", err.Error()))
	}
	given, ok := value.(map[string]any)
	if !ok {
		tell("", "must have at least a role, such as arn:aws:iam::123456789012:role/cicdctl")
		return c, wrong
	}
	for _, key := range slices.Sorted(maps.Keys(given)) {
		if !slices.Contains(accountKeys, key) {
			tell("", "unknown key %q%s (known: %s)", key, nearestOf(key, accountKeys), strings.Join(accountKeys, ", "))
		}
	}
	text := func(key string) string {
		value, isText := given[key].(string)
		if given[key] != nil && !isText {
			tell("."+key, "must be text, not %v", given[key])
		}
		return value
	}
	if c.Role = text("role"); !roleARN.MatchString(c.Role) {
		if c.Role == "" {
			tell(".role", "missing; give the ARN of the role in that account, such as arn:aws:iam::123456789012:role/cicdctl")
		} else {
			tell(".role", "%q is not the ARN of an IAM role, such as arn:aws:iam::123456789012:role/cicdctl", c.Role)
		}
		c.Role = ""
	}
	if c.ExternalID = text("external_id"); c.ExternalID != "" && (!externalID.MatchString(c.ExternalID) || len(c.ExternalID) < shortestID || len(c.ExternalID) > longestID) {
		tell(".external_id", "it is not what AWS takes: 2 to 1,224 letters, digits and _+=,.@:/-, as in the role's trust policy")
	}
	c.Regions, wrong = accountRegions(name, given["regions"], wrong)
	c.Pools, wrong = accountPools(name, given["pools"], wrong)
	return c, wrong
}

// accountRegions are those that an account allows: all of the document's where it says none.
func accountRegions(name string, value any, wrong []string) ([]string, []string) {
	key := "accounts." + name + ".regions"
	asked, err := list(key, value)
	switch {
	case err != nil:
		return nil, append(wrong, err.Error())
	case asked == nil:
		return session.RegionsAsked(""), wrong
	case len(asked) == 0:
		return nil, append(wrong, lang.Sprintf("%s: empty, so that no client could be there; name a region, or leave the key out for all of %s", key, strings.Join(session.RegionsAsked(""), ", ")))
	}
	var out []string
	for _, r := range session.RegionsAsked("") {
		if slices.Contains(asked, r) {
			out = append(out, r)
		}
	}
	for i, r := range asked {
		if err := rules.CheckRegion(r); err != nil {
			wrong = append(wrong, lang.Sprintf("%s: %s", key, err.Error()))
		} else if slices.Contains(asked[:i], r) {
			wrong = append(wrong, lang.Sprintf("%s: %s is there twice; remove one", key, r))
		}
	}
	return out, wrong
}

// accountPools are an account's own networks; none where those of all accounts apply.
func accountPools(name string, value any, wrong []string) ([]netip.Prefix, []string) {
	key := "accounts." + name + ".pools"
	asked, err := list(key, value)
	switch {
	case err != nil:
		return nil, append(wrong, err.Error())
	case asked != nil && len(asked) == 0:
		return nil, append(wrong, lang.Sprintf("%s: empty; name a network such as 10.21.0.0/16, or leave the key out for those of all accounts", key))
	}
	var out []netip.Prefix
	for _, text := range asked {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			return nil, append(wrong, lang.Sprintf("%s: %q is not a network such as 10.21.0.0/16", key, text))
		}
		out = append(out, p)
	}
	if _, err := cidr.NewPlan(out...); err != nil {
		wrong = append(wrong, lang.Sprintf("%s: %s", key, err.Error()))
	}
	return out, wrong
}

// nearestOf is a question after the known key that an unknown one is most like, or "".
func nearestOf(key string, known []string) string {
	for _, each := range known {
		if levenshtein.ComputeDistance(key, each) <= 2 {
			return lang.Sprintf(", did you mean %q?", each)
		}
	}
	return ""
}
