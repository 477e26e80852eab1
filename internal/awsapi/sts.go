package awsapi

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// STS is the part of AWS STS that cicdctl uses.
type STS interface {
	GetCallerIdentity(context.Context, *sts.GetCallerIdentityInput, ...func(*sts.Options)) (*sts.GetCallerIdentityOutput, error)
}
