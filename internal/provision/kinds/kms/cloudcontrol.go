package kms

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	kmstypes "github.com/aws/aws-sdk-go-v2/service/kms/types"

	"gitlab.com/cicd/cicdctl/internal/provision/kinds/kit"
)

// keyType is a key in the CloudFormation registry.
const keyType = "AWS::KMS::Key"

// take takes what is plain of a key, and says what was. How often a key is renewed
// CloudFormation can be told, but never tells.
func (k *Key) take(p kit.Properties) (state, policy, rotation bool) {
	var enabled, rotates *bool
	if state = kit.Plain(p["Enabled"], &enabled) && aws.ToBool(enabled); state {
		k.State = kmstypes.KeyStateEnabled // disabled, it may as well be in another state
	}
	if text := string(p["KeyPolicy"]); strings.HasPrefix(text, "{") {
		k.policy, policy = kit.ResourcePolicy(&text), true
	}
	if rotation = kit.Plain(p["EnableKeyRotation"], &rotates) && rotates != nil && !*rotates; rotation {
		k.rotation = "off"
	}
	return state, policy, rotation
}
