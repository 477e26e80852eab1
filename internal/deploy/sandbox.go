package deploy

import (
	"context"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/session"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// SandboxImage is an image that is pushed into the sandbox.
type SandboxImage = sandbox.ImageFate

// Push puts an image into a service's repository in the sandbox, and returns
// what it is called there.
func Push(ctx context.Context, o *cloud.Operator, account *sandbox.Account, s *spec.Spec, app, service, tag string, image SandboxImage) (string, error) {
	u, _, err := o.Unit(ctx, s, app, service, spec.Preview)
	if err != nil {
		return "", err
	}
	digest, err := account.Push(u.Region, u.Repository(), tag, sandbox.ImageManifest(tag, image))
	switch code := awsapi.Code(err); {
	case code == "RepositoryNotFoundException":
		return "", u.Missing("repository (" + u.Repository() + ")")
	case code == "ImageTagAlreadyExistsException":
		return "", cloud.Guardf("%s has another image under the tag %s, and tags are never moved: give another one", u.Repository(), tag)
	case code == "ImageAlreadyExistsException":
		return u.Repository() + ":" + tag, nil
	case err != nil:
		return "", err
	}
	return u.Repository() + "@" + digest, nil
}

// PushOptions are those of the sandbox's push command.
type PushOptions struct {
	session.Place
	Tag, Fails string
	Logs       []string
	Critical   []string
}

// Pushed is the result of sandbox push.
type Pushed struct {
	Tag   string `json:"tag"`
	Image string `json:"image"`
}

// SandboxPush puts an image into the registry of the client's account in the sandbox, which
// open gives once that is known.
func SandboxPush(ctx context.Context, a *session.Session, open func() (*sandbox.Account, error), o PushOptions) error {
	if a.Sandbox() == "" {
		return session.Usagef("add --sandbox; to a real repository, push with docker", "this is for the sandbox only")
	}
	op, t, err := session.OpenPlace(ctx, a, &o.Place)
	if err != nil {
		return err
	}
	account, err := open()
	if err != nil {
		return err
	}
	pushed, err := Push(ctx, op, account, t.Spec, o.App, o.Service, o.Tag, SandboxImage{Failure: o.Fails, Log: o.Logs, Critical: o.Critical})
	if err != nil {
		return err
	}
	return a.Print.Says(Pushed{o.Tag, pushed}, "pushed %s to %s", o.Tag, pushed)
}
