package awsapi

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// answered is an error as the SDK hands it over.
func answered(service, operation string, status int, code, message string) error {
	return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: &awshttp.ResponseError{
		ResponseError: &smithyhttp.ResponseError{
			Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}},
			Err:      &smithy.GenericAPIError{Code: code, Message: message},
		},
	}}
}

func TestClassOf(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		err  error
		want Class
	}{
		"no error has no class":                       {nil, Unknown},
		"a subnet that is gone":                       {answered("EC2", "DescribeSubnets", 400, "InvalidSubnetID.NotFound", ""), NotFound},
		"a name that is taken":                        {answered("IAM", "CreateRole", 409, "EntityAlreadyExists", ""), Exists},
		"a code whose message decides, exists":        {answered("ECS", "CreateService", 400, "InvalidParameterException", "Creation of service was not idempotent."), Exists},
		"a code whose message decides, in use":        {answered("ECS", "CreateService", 400, "InvalidParameterException", "Unable to Start a service that is still Draining."), InUse},
		"the same code with another message":          {answered("ECS", "CreateService", 400, "InvalidParameterException", "bad"), Unknown},
		"a task definition that is gone":              {answered("ECS", "DescribeTaskDefinition", 400, "ClientException", "Unable to describe task definition."), NotFound},
		"a capacity provider that is gone":            {answered("ECS", "DeleteCapacityProvider", 400, "ClientException", "The specified capacity provider does not exist."), NotFound},
		"a capacity provider that a cluster has":      {answered("ECS", "DeleteCapacityProvider", 400, "ClientException", "It cannot be deleted because it is associated with cluster: acme."), InUse},
		"a host that is no longer registered":         {answered("ECS", "DeregisterContainerInstance", 400, "InvalidParameterException", "Referenced container instance x not found."), NotFound},
		"a schedule group whose name is taken":        {answered("Scheduler", "CreateScheduleGroup", 409, "ConflictException", "Schedule group acme already exists."), Exists},
		"a schedule group that is being deleted":      {answered("Scheduler", "DeleteScheduleGroup", 409, "ConflictException", "Schedule group acme is being deleted."), InUse},
		"a queue that is gone":                        {answered("SQS", "DeleteQueue", 400, "AWS.SimpleQueueService.NonExistentQueue", ""), NotFound},
		"a queue's name that is not free yet":         {answered("SQS", "CreateQueue", 400, "AWS.SimpleQueueService.QueueDeletedRecently", ""), InUse},
		"a certificate that listeners have":           {answered("ACM", "DeleteCertificate", 400, "ResourceInUseException", ""), InUse},
		"a VPN connection that is being changed":      {answered("EC2", "CreateVpnConnectionRoute", 400, "InvalidVpnConnection.InvalidState", ""), InUse},
		"a VPN gateway that is not there yet":         {answered("EC2", "AttachVpnGateway", 400, "InvalidVpnGatewayState", ""), InUse},
		"a certificate that is still being made":      {answered("ACM", "DescribeCertificate", 400, "RequestInProgressException", ""), InUse},
		"a listener's certificate that is gone":       {answered("Elastic Load Balancing v2", "CreateListener", 400, "CertificateNotFound", ""), NotFound},
		"a zone that is gone":                         {answered("Route 53", "ChangeResourceRecordSets", 404, "NoSuchHostedZone", ""), NotFound},
		"a zone that is being changed":                {answered("Route 53", "ChangeResourceRecordSets", 400, "PriorRequestNotComplete", ""), Throttled},
		"a record that is there":                      {answered("Route 53", "ChangeResourceRecordSets", 400, "InvalidChangeBatch", "[Tried to create resource record set [name='a.acme.test.', type='CNAME'] but it already exists]"), Exists},
		"a record that is gone":                       {answered("Route 53", "ChangeResourceRecordSets", 400, "InvalidChangeBatch", "[Tried to delete resource record set [name='a.acme.test.', type='CNAME'] but it was not found]"), NotFound},
		"a record that has other values":              {answered("Route 53", "ChangeResourceRecordSets", 400, "InvalidChangeBatch", "[Tried to delete resource record set [name='a.acme.test.', type='CNAME'] but the values provided do not match the current values]"), Unknown},
		"a dependency":                                {answered("EC2", "DeleteSubnet", 400, "DependencyViolation", ""), InUse},
		"throttled with a server error":               {answered("EC2", "CreateVpc", 503, "RequestLimitExceeded", ""), Throttled},
		"a failed service leaves it open what it did": {answered("EC2", "CreateVpc", 500, "InternalError", ""), Ambiguous},
		"a connection that broke":                     {&smithyhttp.RequestSendError{Err: errors.New("reset")}, Ambiguous},
		"a refusal":                                   {answered("EC2", "CreateVpc", 403, "UnauthorizedOperation", ""), Denied},
		"an old token":                                {answered("STS", "GetCallerIdentity", 403, "ExpiredToken", ""), Credentials},
		"a quota":                                     {answered("EC2", "CreateVpc", 400, "VpcLimitExceeded", ""), Quota},
		"what the operator stopped":                   {context.Canceled, Unknown},
		"wrapped":                                     {fmt.Errorf("create: %w", answered("EC2", "CreateVpc", 400, "VpcLimitExceeded", "")), Quota},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := ClassOf(c.err); got != c.want {
				t.Errorf("ClassOf(%v) = %s, want %s", c.err, got, c.want)
			}
		})
	}
}

func TestEveryCodeStandsInOneClassOnly(t *testing.T) {
	t.Parallel()
	for code, class := range classes {
		if got := ClassOf(answered("X", "Y", 400, code, "")); got != class {
			t.Errorf("%s is %s, want %s", code, got, class)
		}
		if Propagating(answered("X", "Y", 400, code, "the role does not exist")) && (class == Denied || class == Credentials || class == Quota) {
			t.Errorf("%s would be retried", code)
		}
	}
}

func TestARefusalNamesTheMissingAction(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		err  error
		want string
	}{
		"AWS says it":        {answered("EC2", "CreateVpc", 403, "UnauthorizedOperation", "You are not authorized to perform: ec2:CreateTags"), "ec2:CreateTags"},
		"from the operation": {answered("RDS", "CreateDBCluster", 403, "AccessDenied", "no"), "rds:CreateDBCluster"},
		"a service whose prefix has another name":    {answered("Elastic Load Balancing v2", "CreateRule", 403, "AccessDenied", "no"), "elasticloadbalancing:CreateRule"},
		"a service whose id has a space":             {answered("Route 53", "ListHostedZones", 403, "AccessDenied", "no"), "route53:ListHostedZones"},
		"an operation whose action has another name": {answered("S3", "ListBuckets", 403, "AccessDenied", "no"), "s3:ListAllMyBuckets"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := Action(c.err); got != c.want {
				t.Errorf("Action = %q, want %q", got, c.want)
			}
			if remedy := Remedy(c.err); !strings.Contains(remedy, c.want) {
				t.Errorf("the remedy %q does not name %s", remedy, c.want)
			}
		})
	}
}
