package kit

import (
	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Unseen is the error for what exists and AWS does not show yet; it is tried again.
func Unseen(what string) error {
	return &smithy.GenericAPIError{Code: "NotFound", Message: lang.Sprintf("AWS does not show %s yet", what)}
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
