package kit

import (
	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
)

// Unseen is the error for what exists and AWS does not show yet; it is tried again.
func Unseen(what string) error {
	return &smithy.GenericAPIError{Code: "NotFound", Message: "AWS does not show " + what + " yet"}
}

// Busy is an error that AWS would give later on only.
func Busy(code, why string) error { return &smithy.GenericAPIError{Code: code, Message: why} }

// IgnoreCode returns nil for an error with the code.
func IgnoreCode(err error, code string) error {
	if awsapi.Code(err) == code {
		return nil
	}
	return err
}
