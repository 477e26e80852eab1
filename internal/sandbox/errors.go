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

// notFound is a refusal of a service that says with its HTTP status, too, what is not there.
func notFound(code, format string, args ...any) error {
	return httpError(http.StatusNotFound, code, fmt.Sprintf(format, args...))
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

// Throttled is a service's answer to too many requests, for [Account.OnCall].
func Throttled(service string) error {
	switch service {
	case "EC2":
		return httpError(http.StatusServiceUnavailable, "RequestLimitExceeded", "Request limit exceeded.")
	case "S3":
		return httpError(http.StatusServiceUnavailable, "SlowDown", "Please reduce your request rate.")
	case "IAM", "RDS", "Auto Scaling", "Elastic Load Balancing v2", "Route 53":
		return apiError("Throttling", "Rate exceeded")
	default:
		return apiError("ThrottlingException", "Rate exceeded")
	}
}

// Broken is the answer of a service that failed: nobody knows whether the call took effect.
func Broken() error {
	return httpError(http.StatusInternalServerError, "InternalError", "An internal error has occurred.")
}
