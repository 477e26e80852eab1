package deploy

import (
	"context"
	"errors"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// SandboxImage is an image that is pushed into the sandbox.
type SandboxImage = sandbox.ImageFate

// Push puts an image into a service's repository in the sandbox, and returns
// what it is called there.
func Push(ctx context.Context, o *cloud.Operator, s *spec.Spec, app, service, tag string, image SandboxImage) (string, error) {
	if o.Sandbox == nil {
		return "", errors.New("images of real repositories are pushed with docker")
	}
	u, _, err := o.Unit(ctx, s, app, service, spec.Preview)
	if err != nil {
		return "", err
	}
	digest, err := o.Sandbox.Push(u.Region, u.Repository(), tag, sandbox.ImageManifest(tag, image))
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
