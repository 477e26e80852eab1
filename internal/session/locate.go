package session

import (
	"context"
	"errors"
	"slices"
	"strings"

	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// FindRegion opens the account and settles where the client is: in the region asked
// for, that of its spec, or wherever it is found; "" when that is nowhere.
func FindRegion(ctx context.Context, a *Session, name, asked string) (*cloud.Operator, string, error) {
	if err := CheckClient(name); err != nil {
		return nil, "", err
	}
	if err := CheckRegion(asked); err != nil {
		return nil, "", err
	}
	s, err := whereabouts(a, name, asked)
	if err != nil {
		return nil, "", err
	}
	if s == nil {
		return a.search(ctx, name, asked)
	}
	if asked == "" {
		asked = s.Region
	}
	if err := a.CheckAllowed(asked); err != nil {
		return nil, "", err
	}
	op, err := a.Open(ctx)
	return op, asked, err
}

// whereabouts is the client's spec as far as it says where the client is; nil where there is no
// file, and where the command line says all: a file that is broken then does not matter, nor one that
// names another account, because the client is to move there and has to be removed here first.
func whereabouts(a *Session, name, region string) (*spec.Spec, error) {
	if region != "" && len(a.Conf.Accounts) == 0 {
		return nil, nil
	}
	file, s, err := LoadSpec(a, name, "")
	_, other := errors.AsType[otherAccountError](err)
	told := region != "" && (len(a.Conf.Accounts) == 0 || a.Flags.Account != "")
	switch {
	case err == nil:
		return s, nil
	case told:
		return nil, nil
	case other:
		return nil, &FixedError{err, lang.Sprintf("leave --account out, or say with --region as well where %s is; %s is then not read", name, file)}
	case len(a.Conf.Accounts) > 0:
		return nil, &FixedError{err, lang.Sprintf("say where %s is with --region and --account; %s is then not read", name, file)}
	default:
		return nil, &FixedError{err, lang.Sprintf("say where %s is with --region; %s is then not read", name, file)}
	}
}

// search settles where a client is that has no spec: in the account and the region asked for,
// or wherever it is found. The region is "" when that is nowhere.
func (a *Session) search(ctx context.Context, name, region string) (*cloud.Operator, string, error) {
	if len(a.Conf.Accounts) == 0 || a.Flags.Account != "" {
		if err := a.CheckAllowed(region); err != nil {
			return nil, "", err
		}
		op, err := a.Open(ctx)
		if err != nil || region != "" {
			return op, region, err
		}
		c, err := a.About()
		if err != nil {
			return nil, "", err
		}
		region, err = findClient(ctx, op, name, c.Regions)
		if err == nil && region == "" {
			err = notOutside(ctx, op, c, name, "")
		}
		return op, region, err
	}
	type place struct{ account, region string }
	found, outside := make([][]place, len(a.Conf.Accounts)+1), make([]error, len(a.Conf.Accounts)+1)
	err := Each(ctx, a.AllAccounts(), func(ctx context.Context, i int, c Account) error {
		op, err := a.OpenAccount(ctx, c)
		if err != nil {
			return err
		}
		// What the credentials' account holds is not there twice because it has a name as well.
		if other, err := a.nameOf(ctx, op, c); err != nil || other.Name != "" {
			return err
		}
		regions := slices.DeleteFunc(slices.Clone(c.Regions), func(r string) bool { return region != "" && r != region })
		there, err := op.Find(ctx, name, regions...)
		for _, r := range there {
			found[i] = append(found[i], place{c.Name, r})
		}
		if err == nil && len(there) == 0 {
			outside[i] = notOutside(ctx, op, c, name, region)
		}
		return err
	})
	if err != nil {
		return nil, "", &FixedError{err, lang.Sprintf("say where %s is with --account", name)}
	}
	all := slices.Concat(found...)
	if len(all) > 1 {
		var texts []string
		for _, p := range all {
			texts = append(texts, PlaceIn(lang.Current(), p.account, p.region))
		}
		return nil, "", Usagef("say which is meant with --account and --region", "%s is in several places: %s", name, strings.Join(texts, ", "))
	}
	if len(all) == 0 {
		for _, err := range outside {
			if err != nil {
				return nil, "", err
			}
		}
	}
	if len(all) == 1 {
		a.Flags.Account, region = all[0].account, all[0].region // other commands need to be told
	}
	op, err := a.Open(ctx)
	return op, region, err
}

// located is where a client is, and its spec if it has one for that region.
type located struct {
	Region, File string
	Spec         *spec.Spec
}

// Locate settles where a client is: in the region asked for, that of its spec, or
// wherever it is found.
func Locate(ctx context.Context, a *Session, name, region, asked string) (*cloud.Operator, located, error) {
	at := located{Region: region}
	if err := CheckRegion(region); err != nil {
		return nil, at, err
	}
	file, s, err := LoadSpec(a, name, asked)
	if err != nil {
		return nil, at, err
	}
	if s == nil {
		op, region, err := a.search(ctx, name, region)
		if err == nil && region == "" {
			err = RefuseUnknown(name)
		}
		return op, located{Region: region}, err
	}
	if err := a.CheckAllowed(region); err != nil {
		return nil, at, err
	}
	op, err := a.Open(ctx)
	if err != nil {
		return nil, at, err
	}
	if region == "" || region == s.Region { // else the file is about another region
		return op, located{s.Region, file, s}, nil
	}
	return op, at, nil
}

// Unknown is the error about a client of which there is nothing; there are those that are.
func Unknown(name string, there []string) error {
	fix := lang.Say("there is no client on AWS")
	if len(there) > 0 {
		fix = lang.Sprintf("the clients on AWS are %s", strings.Join(there, ", "))
	}
	return nothingOf(name, fix)
}

// RefuseUnknown refuses a client that is neither on AWS nor in a spec file.
func RefuseUnknown(name string) error {
	return nothingOf(name, lang.Say("cicdctl client list shows the clients there are"))
}

func nothingOf(name, fix string) error {
	return &FixedError{lang.Errorf("%s has no spec file and nothing on AWS", name), fix}
}

// findClient returns the region of an account where a client is, or "".
func findClient(ctx context.Context, op *cloud.Operator, name string, among []string) (string, error) {
	regions, err := op.Find(ctx, name, among...)
	if err != nil {
		return "", err
	}
	if len(regions) > 1 {
		return "", several(name, regions)
	}
	return strings.Join(regions, ""), nil
}

func several(name string, regions []string) error {
	return Usagef("specify one with --region", "%s is in several regions: %s", name, strings.Join(regions, ", "))
}
