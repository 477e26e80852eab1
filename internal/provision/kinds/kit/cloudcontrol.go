package kit

import (
	"bytes"
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/provision"
)

// AWS's Cloud Control API tells all settings of a bucket or a key in one call, in the
// words of CloudFormation, where S3 and KMS take one call each. Its handlers ask the
// service in the same moment, so that what it tells is no older. It is a shortcut and never a
// second opinion: only what it says plainly is
// taken, into the very types that the services answer with. What it leaves out may be
// not set, not allowed to the caller, or not told by anybody; that, and every other
// doubt, is for the service itself.

// Properties are those that Cloud Control has told, by name, as JSON.
type Properties map[string]json.RawMessage

// ToldOf asks Cloud Control about one resource of a kind's Shortcut. It is not asked again once
// it has failed with the type.
func ToldOf(ctx context.Context, w *provision.Sweep, typeName, id string) Properties {
	if !w.Shortcuts || w.GivenUp(typeName) {
		return nil
	}
	var all Properties
	out, err := w.CloudControl.GetResource(ctx, &cloudcontrol.GetResourceInput{TypeName: &typeName, Identifier: &id})
	if err == nil && out.ResourceDescription != nil {
		err = json.Unmarshal([]byte(aws.ToString(out.ResourceDescription.Properties)), &all)
	}
	if err != nil && !awsapi.Is(err, awsapi.NotFound) {
		w.GiveUp(typeName)
	}
	if err == nil {
		w.Take(typeName)
	}
	return all
}

// Plain decodes a property that has nothing in it but what is known here.
func Plain(property []byte, into any) bool {
	d := json.NewDecoder(bytes.NewReader(property))
	d.DisallowUnknownFields()
	return d.Decode(into) == nil
}
