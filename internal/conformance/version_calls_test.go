package conformance

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go/middleware"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/provision"
	"gitlab.com/cicd/cicdctl/internal/provision/kinds"
	"gitlab.com/cicd/cicdctl/internal/rules"
)

// unheld are calls that change nothing of what cicdctl makes, although IAM counts them among
// those that do.
var unheld = []string{
	"ecs:ExecuteCommand", "ecr:BatchGetImage", "kms:Sign", "secretsmanager:GetSecretValue",
	"s3:GetObjectLegalHold", "s3:GetObjectLockConfiguration", "s3:GetObjectRetention",
}

// Every operation of every client is held back until it is known who last applied what it
// changes, but for those that only read.
func TestEveryChangeIsHeldBack(t *testing.T) {
	t.Parallel()
	sent := errors.New("sent")
	o, err := cloud.Open(t.Context(), cloud.Config{Version: "v1.3.0", Guarded: true}, cloud.Connection{Options: awsapi.Options{Unlimited: true, Install: func(cfg *aws.Config) {
		cfg.APIOptions = append(cfg.APIOptions, func(stack *middleware.Stack) error {
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Stop", func(ctx context.Context, _ middleware.InitializeInput, _ middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				if middleware.GetServiceID(ctx) == sts.ServiceID { // asked before calls of S3
					return middleware.InitializeOutput{Result: &sts.GetCallerIdentityOutput{Account: aws.String("123456789012"), Arn: aws.String("arn:aws:iam::123456789012:user/eve")}}, middleware.Metadata{}, nil
				}
				return middleware.InitializeOutput{}, middleware.Metadata{}, sent
			}), middleware.Before)
		})
	}}})
	if err != nil {
		t.Fatal(err)
	}
	reads, held := 0, 0
	clients := reflect.ValueOf(o.Factory.Set(region)).Elem()
	for f := range clients.Type().Fields() {
		if f.Type.Kind() != reflect.Interface {
			continue
		}
		for m := range f.Type.Methods() {
			input := reflect.New(m.Type.In(1).Elem())
			out := clients.FieldByIndex(f.Index).MethodByName(m.Name).Call([]reflect.Value{reflect.ValueOf(t.Context()), input})
			err, _ := reflect.TypeAssert[error](out[1])
			i := slices.IndexFunc(rules.Services(), func(s rules.Service) bool { return s.Package() == packageOf(input.Type()) })
			if i < 0 {
				t.Errorf("%s has no permissions", f.Name)
				continue
			}
			s := rules.Services()[i]
			if slices.Contains(s.Read, m.Name) || slices.Contains(unheld, s.Prefix+":"+m.Name) {
				if reads++; !errors.Is(err, sent) && s.Prefix != "sts" {
					t.Errorf("%s.%s only reads, and is held back: %v", f.Name, m.Name, err)
				}
			} else if held++; err == nil || !strings.Contains(err.Error(), "cloud.Operator.Admit") {
				t.Errorf("%s.%s is not held back: %v", f.Name, m.Name, err)
			}
		}
	}
	if reads < 100 || held < 150 {
		t.Errorf("only %d and %d operations were tried", reads, held)
	}
}

// A scope's versions are told by one resource, which the scope has whatever its spec says.
func TestOneKindBearsEachScope(t *testing.T) {
	t.Parallel()
	for level, want := range map[provision.Level]string{provision.AccountLevel: "s3/bucket", provision.RegionLevel: "ec2/vpc", provision.ClientLevel: "ec2/subnet"} {
		var bear []string
		for _, kind := range kinds.All() {
			if kind.Bears(level) {
				bear = append(bear, kind.Name)
			}
		}
		if !slices.Equal(bear, []string{want}) {
			t.Errorf("the versions of the %s are on %v, want %s", level, bear, want)
		}
	}
}
