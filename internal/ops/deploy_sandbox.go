package ops

import (
	"context"
	"errors"
	"fmt"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
	"gitlab.com/cicd/cicdctl/internal/spec"
)

// SandboxImage is an image that is pushed into the sandbox.
type SandboxImage = sandbox.ImageFate

// SandboxPush puts an image into a service's repository in the sandbox, and returns
// what it is called there.
func (o *Operator) SandboxPush(ctx context.Context, s *spec.Spec, app, service, tag string, image SandboxImage) (string, error) {
	if o.sandbox == nil {
		return "", errors.New("images of real repositories are pushed with docker")
	}
	u, _, err := o.unit(ctx, s, app, service, spec.Preview)
	if err != nil {
		return "", err
	}
	digest, err := o.sandbox.Push(u.Region, u.repository(), tag, sandbox.ImageManifest(tag, image))
	switch code := awsapi.Code(err); {
	case code == "RepositoryNotFoundException":
		return "", u.missing("repository (" + u.repository() + ")")
	case code == "ImageTagAlreadyExistsException":
		return "", &GuardError{fmt.Sprintf("%s has another image under the tag %s, and tags are never moved: give another one", u.repository(), tag)}
	case code == "ImageAlreadyExistsException":
		return u.repository() + ":" + tag, nil
	case err != nil:
		return "", err
	}
	return u.repository() + "@" + digest, nil
}
