package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
)

// CloudControl is the part of the AWS Cloud Control API that cicdctl uses.
type CloudControl interface {
	GetResource(context.Context, *cloudcontrol.GetResourceInput, ...func(*cloudcontrol.Options)) (*cloudcontrol.GetResourceOutput, error)
}
