package rules

import (
	"strings"

	"gitlab.com/cicd/cicdctl/internal/lang"
	"gitlab.com/cicd/cicdctl/internal/lazyregexp"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// FirstTasks is how many tasks a service gets with its first deploy; afterwards
// the number is whoever's who scales. Web servers share the load, and one of two
// may stop. A file transfer is a session with one server.
func FirstTasks(r spec.Runtime) int32 {
	if r.HTTP() {
		return 2
	}
	return 1
}

// Tasks is how many tasks of a service are to run in an environment; said is false where
// the spec leaves that to the first deploy and to whoever scales by hand.
func Tasks(s *spec.Spec, svc spec.Service, env spec.Env) (n int32, said bool) {
	if s.Stopped.Of(env) {
		return 0, true
	}
	if _, _, scales := TaskRange(s, svc, env); scales {
		return 0, false
	}
	n = int32(svc.Tasks.Of(env))
	return n, n > 0
}

// TaskRange is between which numbers the tasks of a service follow their load in an
// environment; scales is false where they do not, as in one that is stopped.
func TaskRange(s *spec.Spec, svc spec.Service, env spec.Env) (least, most int32, scales bool) {
	least, most = int32(svc.Tasks.Of(env)), int32(svc.MaxTasks.Of(env))
	return least, most, least > 0 && most > least && !s.Stopped.Of(env)
}

// How Application Auto Scaling follows the load of a service's tasks.
const (
	// ScalingCPU is the average of their CPUs, in percent of what they ask for, that is kept.
	// Above it for 3 minutes tasks are added, well below it for 15 some are taken away ("Target
	// tracking scaling policies"): room is left for the load of these minutes.
	ScalingCPU = 60
	// ScalingOutSeconds and ScalingInSeconds are how long the next step waits for the effect of
	// one: a new task takes a minute to serve, and one too many costs less than one too few.
	ScalingOutSeconds = 60
	ScalingInSeconds  = 300
)

// Image is what an operator calls an image: "v1.4.2", "sha256:…", or either of
// them behind the name of a repository, with or without its registry.
type Image struct {
	Registry   string // "123456789012.dkr.ecr.eu-west-3.amazonaws.com"; empty when not named
	Repository string // "acme/shop-web"; empty when not named
	Tag        string
	Digest     string // "sha256:…"
}

var (
	imageDigest = lazyregexp.New(`^sha256:[0-9a-f]{64}$`)
	imageTag    = lazyregexp.New(`^\w[\w.-]{0,127}$`)
)

// ParseImage reads what an operator calls an image.
func ParseImage(ref string) (Image, error) {
	bad := func(why string) (Image, error) {
		return Image{}, lang.Errorf("%q is no image: %s; give a tag such as v1.4.2, REPOSITORY:TAG, or REPOSITORY@sha256:DIGEST", ref, lang.Say(why))
	}
	if imageDigest.MatchString(ref) {
		return Image{Digest: ref}, nil
	}
	var i Image
	name, digest, pinned := strings.Cut(ref, "@")
	if pinned {
		if i.Digest = digest; !imageDigest.MatchString(digest) {
			return bad("a digest is sha256: and 64 digits from 0 to f")
		}
	}
	if at := strings.LastIndex(name, ":"); at > strings.LastIndex(name, "/") {
		name, i.Tag = name[:at], name[at+1:]
	} else if !pinned && !strings.Contains(name, "/") {
		name, i.Tag = "", name
	}
	if i.Tag == "" && !pinned {
		return bad("it names a repository without tag or digest")
	}
	if i.Tag != "" && !imageTag.MatchString(i.Tag) {
		return bad("a tag is up to 128 letters, digits, dots, hyphens and underscores")
	}
	if first, rest, ok := strings.Cut(name, "/"); ok && strings.ContainsAny(first, ".:") {
		i.Registry, name = first, rest
	}
	if i.Repository = name; name == "" && (i.Registry != "" || i.Tag == "") || name != "" && !Limits["repository"].Pattern.MatchString(name) {
		return bad("the name of its repository is not one of ECR's")
	}
	return i, nil
}

// RegistryHost is the registry of an account in a region.
func RegistryHost(account, region string) string {
	return account + ".dkr.ecr." + region + ".amazonaws.com"
}

// CheckImage says why a service may not run an image: it must come from the
// service's own repository, in the client's registry.
func CheckImage(i Image, account, region, client, app, service string) error {
	own, registry := RepositoryName(client, app, service), RegistryHost(account, region)
	wanted := lang.Sprintf("%s/%s runs images of its own repository only (%s/%s): push it there first", app, service, registry, own)
	switch owner, _, _ := strings.Cut(i.Repository, "/"); {
	case i.Registry != "" && i.Registry != registry:
		return lang.Errorf("the image is in another registry (%s); %s", i.Registry, wanted)
	case i.Repository == "" || i.Repository == own:
		return nil
	case owner == Lower(client):
		return lang.Errorf("the image is another service's (%s); %s", i.Repository, wanted)
	default:
		return lang.Errorf("the image is not %s's (%s); %s", client, i.Repository, wanted)
	}
}

// reason is what ECS takes as the value of a tag.
var reason = lazyregexp.New(`^[\p{L}\p{N} +\-=._:/@]{3,200}$`)

// CheckReason says why a text cannot be kept as the reason for an exception.
func CheckReason(text string) error {
	if reason.MatchString(text) {
		return nil
	}
	return lang.Errorf("%q cannot be kept as a reason: it is 3 to 200 letters, digits, spaces and + - = . _ : / @, which is what a tag holds", text)
}
