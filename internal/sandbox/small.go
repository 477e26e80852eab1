package sandbox

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// ecsImages is where AWS publishes the newest image for ECS hosts.
const ecsImages = "/aws/service/ecs/optimized-ami/amazon-linux-2023/"

// images are the ids in each region, for Intel and for Graviton.
var images = map[string][2]string{
	"eu-west-3":    {"ami-0c5a1e3f7b9d00001", "ami-0c5a1e3f7b9d0a001"},
	"eu-west-1":    {"ami-0c5a1e3f7b9d00002", "ami-0c5a1e3f7b9d0a002"},
	"eu-central-1": {"ami-0c5a1e3f7b9d00003", "ami-0c5a1e3f7b9d0a003"},
	"eu-west-2":    {"ami-0c5a1e3f7b9d00004", "ami-0c5a1e3f7b9d0a004"},
}

func registerSmall(a *Account) {
	op(a, sts.ServiceID, func(t *tx, _ *sts.GetCallerIdentityInput) (*sts.GetCallerIdentityOutput, error) {
		return &sts.GetCallerIdentityOutput{Account: aws.String(t.opts.ID), Arn: t.caller(), UserId: aws.String("AROASANDBOX:sandbox")}, nil
	})
	op(a, ssm.ServiceID, func(t *tx, in *ssm.GetParameterInput) (*ssm.GetParameterOutput, error) {
		name := aws.ToString(in.Name)
		image, known := t.imageID(name)
		if !known {
			return nil, apiError("ParameterNotFound", "Parameter %s not found.", name)
		}
		return &ssm.GetParameterOutput{Parameter: &ssmtypes.Parameter{
			Name: in.Name, Value: aws.String(image), Type: ssmtypes.ParameterTypeString, DataType: aws.String("text"), Version: 1,
			ARN: aws.String(fmt.Sprintf("arn:aws:ssm:%s::parameter%s", t.region, name)),
		}}, nil
	})
	registerQuotas(a)
	registerTagging(a)
}

// imageID resolves a parameter of AWS's own that holds the id of an image.
func (t *tx) imageID(parameter string) (string, bool) {
	ids, known := images[t.region]
	switch strings.TrimPrefix(parameter, ecsImages) {
	case "recommended/image_id":
		return ids[0], known
	case "arm64/recommended/image_id":
		return ids[1], known
	}
	return "", false
}
