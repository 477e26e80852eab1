package awsapi

import (
	"context"
	"reflect"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go/middleware"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// ownerMembers are what requests of S3 have to say whose a bucket is to be. S3 then
// refuses to touch another account's, whatever it is called and whoever that account
// lets in (S3 user guide, "Verifying bucket ownership with bucket owner condition").
// Every operation has the first but CreateBucket and ListBuckets, CopyObject both.
var ownerMembers = []string{"ExpectedBucketOwner", "ExpectedSourceBucketOwner"}

// expectOwner says in every request that its bucket is this account's, so that no
// caller can forget to. Nothing that cicdctl works with is in anybody else's.
func expectOwner(account func(context.Context) (string, error)) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("ExpectOwner", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			owned, err := withOwner(ctx, in.Parameters, account)
			if err != nil {
				return middleware.InitializeOutput{}, middleware.Metadata{}, lang.Errorf("whose account the bucket must be in: %w", err)
			}
			in.Parameters = owned
			return next.HandleInitialize(ctx, in)
		}), middleware.Before)
	}
}

// withOwner is a copy of the input with the members filled in that its type has.
func withOwner(ctx context.Context, input any, account func(context.Context) (string, error)) (any, error) {
	given := reflect.ValueOf(input).Elem()
	filled := reflect.New(given.Type())
	filled.Elem().Set(given)
	for _, name := range ownerMembers {
		member := filled.Elem().FieldByName(name)
		if !member.IsValid() || !member.IsNil() {
			continue
		}
		id, err := account(ctx)
		if err != nil {
			return nil, err
		}
		member.Set(reflect.ValueOf(aws.String(id)))
	}
	return filled.Interface(), nil
}
