package awsapi_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

var errSeen = errors.New("seen")

// Every operation of the interface says whose bucket it means, whoever calls it. The
// two that S3 does not let say so are about names of the account's own namespace, and
// about no bucket.
func TestEveryCallOfS3SaysWhoseTheBucketIs(t *testing.T) {
	t.Parallel()
	account, err := sandbox.New(sandbox.Options{ID: "210987654321"})
	if err != nil {
		t.Fatal(err)
	}
	var sent any
	factory, err := awsapi.Load(t.Context(), awsapi.Options{Unlimited: true, Install: func(cfg *aws.Config) {
		account.Install(cfg)
		cfg.APIOptions = append(cfg.APIOptions, func(stack *middleware.Stack) error {
			if stack.ID() == "GetCallerIdentity" {
				return nil
			}
			return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("See", func(_ context.Context, in middleware.InitializeInput, _ middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
				sent = in.Parameters
				return middleware.InitializeOutput{}, middleware.Metadata{}, errSeen
			}), middleware.Before)
		})
	}})
	if err != nil {
		t.Fatal(err)
	}
	client := reflect.ValueOf(factory.Set("eu-west-3").S3)
	said := 0
	for method := range reflect.TypeFor[awsapi.S3]().Methods() {
		input := reflect.New(method.Type.In(1).Elem())
		out := client.MethodByName(method.Name).Call([]reflect.Value{reflect.ValueOf(t.Context()), input})
		if err, _ := reflect.TypeAssert[error](out[1]); !errors.Is(err, errSeen) {
			t.Fatalf("%s: %v", method.Name, err)
		}
		told := reflect.ValueOf(sent).Elem()
		for _, member := range []string{"ExpectedBucketOwner", "ExpectedSourceBucketOwner"} {
			field := told.FieldByName(member)
			switch {
			case !field.IsValid():
				if member == "ExpectedBucketOwner" && !slices.Contains([]string{"CreateBucket", "ListBuckets"}, method.Name) {
					t.Errorf("%s cannot say whose the bucket is: find out what keeps it from another account's", method.Name)
				}
			case field.IsNil() || field.Elem().String() != "210987654321":
				t.Errorf("%s does not say in %s whose the bucket is", method.Name, member)
			default:
				said++
			}
			if given := input.Elem().FieldByName(member); given.IsValid() && !given.IsNil() {
				t.Errorf("%s changed its caller's input", method.Name)
			}
		}
	}
	if said < 2 {
		t.Error("nothing was looked at")
	}
}

// Who takes a bucket's name first, and lets everybody in, gets nothing.
func TestAnotherAccountsBucketIsNotWrittenTo(t *testing.T) {
	t.Parallel()
	w := newLeaseWorld(t)
	leases := awsapi.NewLeases(w.s3, "example", awsapi.Holder{Run: "a", Host: "here", PID: 7}, w.found)
	err := leases.Do(t.Context(), leaseKey, func(string) {}, func(context.Context) error {
		t.Error("a lease was held in another account's bucket")
		return nil
	})
	if !awsapi.Is(err, awsapi.Denied) {
		t.Errorf("a lease in another account's bucket: %v, want a denial", err)
	}
}
