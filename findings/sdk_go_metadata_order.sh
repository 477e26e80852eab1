#!/usr/bin/env bash
# Common guess: a middleware in front of the Initialize step (aws.Config.APIOptions, middleware.Before) either
#               can ask which service and operation a call is of, or cannot, for all services alike.
# Version:      AWS SDK for Go v2, core 1.47.7, service/sqs 1.52.10, service/scheduler 1.18.2.
# Behaviour:    it depends on the age of the service's client. The schema-based client of SQS puts both into the
#               context before the stack runs; in that of Scheduler a middleware of the client's own sets them,
#               and whoever is in front of it comes first. At the end of the step (middleware.After) both answer;
#               stack.ID() names the operation anywhere. Logs, limits and recordings by service silently lose the
#               calls of some services, and which ones changes when a client is updated.
# Output seen:  before "SQS" "ListQueues" "ListQueues"
#               after "SQS" "ListQueues" "ListQueues"
#               before "" "" "ListSchedules"
#               after "Scheduler" "ListSchedules" "ListSchedules"
# Seen on 2026-11-29 with Go 1.26. Ends with 0 while it is so, with 1 when it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export AWS_EC2_METADATA_DISABLED=true GOFLAGS=-mod=mod

cat >go.mod <<'MOD'
module metadataorder

go 1.24

require (
	github.com/aws/aws-sdk-go-v2 v1.47.7
	github.com/aws/aws-sdk-go-v2/service/scheduler v1.18.2
	github.com/aws/aws-sdk-go-v2/service/sqs v1.52.10
)
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/middleware"
)

// told adds a middleware that prints what it is told; the last one ends the call.
func told(name string, at middleware.RelativePosition) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc(name, func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			fmt.Printf("%s %q %q %q\n", name, awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx), stack.ID())
			if at == middleware.After {
				return middleware.InitializeOutput{}, middleware.Metadata{}, errors.New("nothing is sent")
			}
			return next.HandleInitialize(ctx, in)
		}), at)
	}
}

func main() {
	cfg := aws.Config{Region: "eu-west-3", APIOptions: []func(*middleware.Stack) error{told("before", middleware.Before), told("after", middleware.After)}}
	ctx := context.Background()
	_, _ = sqs.NewFromConfig(cfg).ListQueues(ctx, &sqs.ListQueuesInput{})
	_, _ = scheduler.NewFromConfig(cfg).ListSchedules(ctx, &scheduler.ListSchedulesInput{})
}
GO
go run . >seen
cat >want <<'TEXT'
before "SQS" "ListQueues" "ListQueues"
after "SQS" "ListQueues" "ListQueues"
before "" "" "ListSchedules"
after "Scheduler" "ListSchedules" "ListSchedules"
TEXT
diff want seen
echo "as described: the older client's metadata comes after middleware.Before"
