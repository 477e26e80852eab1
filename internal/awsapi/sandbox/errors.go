package sandbox

import (
	"fmt"
	"net/http"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// apiError is a refusal as AWS words it: HTTP 400 and an error code.
func apiError(code, format string, args ...any) error {
	return httpError(http.StatusBadRequest, code, fmt.Sprintf(format, args...))
}

func httpError(status int, code, message string) error {
	return &awshttp.ResponseError{
		RequestID: "sandbox",
		ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status, Header: http.Header{}}},
			Err:      &smithy.GenericAPIError{Code: code, Message: message},
		},
	}
}
