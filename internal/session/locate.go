package session

import (
	"context"
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
	op, err := a.Open(ctx)
	if err != nil {
		return nil, "", err
	}
	if asked != "" {
		return op, asked, nil // the file does not matter, not even when it is broken
	}
	file, s, err := LoadSpec(a, name, "")
	switch {
	case err != nil:
		return nil, "", &FixedError{err, lang.Sprintf("say where %s is with --region; %s is then not read", name, file)}
	case s != nil:
		return op, s.Region, nil
	}
	region, err := findClient(ctx, op, name)
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
	op, err := a.Open(ctx)
	if err != nil {
		return nil, at, err
	}
	if s != nil && (region == "" || region == s.Region) { // else the file is about another region
		at = located{s.Region, file, s}
	}
	if at.Region == "" {
		if at.Region, err = findClient(ctx, op, name); err != nil {
			return nil, at, err
		}
	}
	if at.Region == "" {
		return nil, at, RefuseUnknown(name)
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

// findClient returns the region where a client is, or "".
func findClient(ctx context.Context, op *cloud.Operator, name string) (string, error) {
	regions, err := op.Find(ctx, name)
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
