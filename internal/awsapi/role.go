package awsapi

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/stscreds"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Role is one that the credentials assume: the clients then work in its account.
type Role struct {
	Account    string // its name in the configuration
	ARN        string
	ExternalID string // that its trust policy asks for; may be empty
	Session    string // who works there and why, which CloudTrail records; 2 to 64 of [\w+=,.@-]
}

const (
	// roleDuration is how long a session lasts: the most of a role that is assumed by another
	// role's session, and what every role allows (IAM user guide, "Methods to assume a role").
	roleDuration = time.Hour
	// roleRenewal is how long before its end a session is renewed: longer than any one call.
	roleRenewal = 5 * time.Minute
)

// credentials assume the role with those of a configuration, and anew before they end.
func (r *Role) credentials(cfg aws.Config) aws.CredentialsProvider {
	assume := stscreds.NewAssumeRoleProvider(sts.NewFromConfig(cfg), r.ARN, func(o *stscreds.AssumeRoleOptions) {
		o.RoleSessionName, o.Duration = r.Session, roleDuration
		if r.ExternalID != "" {
			o.ExternalID = &r.ExternalID
		}
	})
	return aws.NewCredentialsCache(explained{assume, r}, func(o *aws.CredentialsCacheOptions) { o.ExpiryWindow = roleRenewal })
}

// explained says which role could not be assumed.
type explained struct {
	aws.CredentialsProvider
	role *Role
}

func (e explained) Retrieve(ctx context.Context) (aws.Credentials, error) {
	c, err := e.CredentialsProvider.Retrieve(ctx)
	if err != nil {
		return c, &RoleError{Role: *e.role, Err: err}
	}
	return c, nil
}

// RoleError says that a role was not assumed.
type RoleError struct {
	Role Role
	Err  error
}

func (e *RoleError) Error() string {
	why := e.Err.Error()
	if op, ok := errors.AsType[*smithy.OperationError](e.Err); ok {
		why = cause(op)
	}
	return lang.Sprintf("assume %s, the role of account %s: %s", e.Role.ARN, e.Role.Account, why)
}

func (e *RoleError) Unwrap() error { return e.Err }

// Remedy is what a person can do. AWS gives one answer to a role that does not exist, to one
// that does not trust the caller, to a wrong external ID, and to a caller who may assume none.
func (e *RoleError) Remedy() string {
	if ClassOf(e.Err) != Denied {
		return Remedy(e.Err)
	}
	id := lang.Say("which is not configured")
	if e.Role.ExternalID != "" {
		id = lang.Say("which is configured")
	}
	return lang.Sprintf("see that accounts.%s.role exists and trusts the credentials, with the external ID that accounts.%s.external_id gives (%s); AWS answers all of this alike. cicdctl iam-policy --trust %s prints the trust policy that the role needs; the credentials need sts:AssumeRole on it", e.Role.Account, e.Role.Account, id, e.Role.Account)
}
