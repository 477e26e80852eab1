package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

// SSM is the part of AWS Systems Manager that cicdctl uses.
type SSM interface {
	GetParameter(context.Context, *ssm.GetParameterInput, ...func(*ssm.Options)) (*ssm.GetParameterOutput, error)
}
