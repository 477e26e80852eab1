package awsapi

import (
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Explain is an error in people's words: what AWS said, without the SDK's
// account of how it was asked.
func Explain(err error) string {
	if role, ok := errors.AsType[*RoleError](err); ok {
		return role.Error() // whatever was asked with it
	}
	text := err.Error()
	var op *smithy.OperationError
	if !errors.As(err, &op) {
		return text
	}
	return strings.Replace(text, op.Error(), op.ServiceID+" "+op.OperationName+": "+cause(op), 1)
}

func cause(op *smithy.OperationError) string {
	var api smithy.APIError
	var network *net.OpError
	switch {
	case errors.As(op.Err, &api):
		if api.ErrorMessage() == "" {
			return api.ErrorCode()
		}
		return fmt.Sprintf("%s (%s)", strings.TrimRight(api.ErrorMessage(), ". "), api.ErrorCode())
	case ClassOf(op.Err) == Credentials:
		return lang.Say("no AWS credentials were found")
	case errors.As(op.Err, &network):
		return network.Error()
	default:
		// The innermost error is what happened; those around it say where.
		inner := op.Err
		for next := errors.Unwrap(inner); next != nil; next = errors.Unwrap(inner) {
			inner = next
		}
		return inner.Error()
	}
}
