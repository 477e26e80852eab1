#!/usr/bin/env bash
# Common guess: a middleware that remembers answers (aws.Config.APIOptions) may give the same one to everybody who asks
#               the same, as long as no caller writes to it: what the middleware returns is what the call returns.
# Version:      AWS SDK for Go v2, core 1.47.7, service/sqs 1.52.10.
# Behaviour:    the client's own method writes to the answer once all middleware is done: it notes the call's metadata
#               in ResultMetadata, in the very struct that the middleware handed out. Two calls at once are a data race (the
#               race detector names the generated code of two innocent reads), and one after the other the first caller's
#               request ID becomes that of the second. Each caller needs a copy of the struct, the first one too;
#               what it points to can be shared.
# Output seen:  the first answer is of call 1
#               the second answer is of call 2
#               the first answer is of call 2
# Seen on 2026-12-01 with Go 1.26. Ends with 0 while it is so, with 1 when it has changed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export AWS_EC2_METADATA_DISABLED=true GOFLAGS=-mod=mod

cat >go.mod <<'MOD'
module remembered

go 1.24

require (
	github.com/aws/aws-sdk-go-v2 v1.47.7
	github.com/aws/aws-sdk-go-v2/service/sqs v1.52.10
)
MOD
cat >main.go <<'GO'
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/middleware"
)

type call struct{}

// remembering answers every call with one and the same answer, and tells in the metadata which
// call it was, as the SDK tells the request ID.
func remembering() func(*middleware.Stack) error {
	answer, calls := &sqs.ListQueuesOutput{QueueUrls: []string{"https://sqs.example/queue"}}, 0
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Remember", func(context.Context, middleware.InitializeInput, middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
			calls++
			var about middleware.Metadata
			about.Set(call{}, calls)
			return middleware.InitializeOutput{Result: answer}, about, nil
		}), middleware.Before)
	}
}

func main() {
	client := sqs.NewFromConfig(aws.Config{Region: "eu-west-3", APIOptions: []func(*middleware.Stack) error{remembering()}})
	ask := func() *sqs.ListQueuesOutput {
		out, err := client.ListQueues(context.Background(), &sqs.ListQueuesInput{})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return out
	}
	first := ask()
	fmt.Println("the first answer is of call", first.ResultMetadata.Get(call{}))
	second := ask()
	fmt.Println("the second answer is of call", second.ResultMetadata.Get(call{}))
	fmt.Println("the first answer is of call", first.ResultMetadata.Get(call{}))
}
GO
go run . | tee got
diff got - <<'WANT'
the first answer is of call 1
the second answer is of call 2
the first answer is of call 2
WANT
