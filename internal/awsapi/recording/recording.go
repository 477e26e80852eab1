// Package recording writes down what was asked of AWS and what it answered, with
// identifiers and secrets masked: for reports of faults, and to compare AWS with
// the account inside the program.
package recording

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"sync"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Exchange is one operation: what was asked, and what was answered in the end. A
// recording has one as a line of JSON for each call of an operation.
type Exchange struct {
	Service   string `json:"service"` // the SDK's service id: "EC2"
	Operation string `json:"operation"`
	Region    string `json:"region,omitempty"`
	Request   any    `json:"request,omitempty"`
	Answer    any    `json:"answer,omitempty"`
	// Codes are the error codes of all attempts that failed, in order, and "no answer"
	// where there was none. The operation failed when Failed is set.
	Codes  []string `json:"codes,omitempty"`
	Failed bool     `json:"failed,omitempty"`
}

// Name returns "EC2.CreateVpc".
func (e Exchange) Name() string { return e.Service + "." + e.Operation }

// noAnswer stands among the codes for an attempt that AWS has not answered.
const noAnswer = "no answer"

// Recorder writes exchanges down as they end. It is safe for concurrent use.
type Recorder struct {
	mu  sync.Mutex
	out io.Writer
	err error
}

// To makes a recorder that writes lines of JSON to out.
func To(out io.Writer) *Recorder { return &Recorder{out: out} }

// Err is why something could not be written, if so.
func (r *Recorder) Err() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.err
}

// Add is an API option of the SDK (aws.Config.APIOptions): it puts the recorder where
// the request is complete, above the retries.
func (r *Recorder) Add(stack *middleware.Stack) error {
	return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Record", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		e := Exchange{Request: Masked(in.Parameters)}
		e.Service, e.Operation, e.Region = awsmiddleware.GetServiceID(ctx), awsmiddleware.GetOperationName(ctx), awsmiddleware.GetRegion(ctx)
		out, metadata, err := next.HandleInitialize(ctx, in)
		results, _ := retry.GetAttemptResults(metadata)
		for _, each := range results.Results {
			if each.Err != nil {
				e.Codes = append(e.Codes, code(each.Err))
			}
		}
		if e.Failed = err != nil; e.Failed && len(e.Codes) == 0 {
			e.Codes = []string{code(err)}
		}
		if err == nil {
			e.Answer = Masked(out.Result)
		}
		r.write(e)
		return out, metadata, err
	}), middleware.After)
}

func code(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return noAnswer
}

func (r *Recorder) write(e Exchange) {
	line, err := json.Marshal(e)
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		_, err = r.out.Write(append(line, '\n'))
	}
	if err != nil && r.err == nil {
		r.err = lang.Errorf("record %s: %w", e.Name(), err)
	}
}

// Read reads a recording.
func Read(in io.Reader) ([]Exchange, error) {
	var all []Exchange
	for d := json.NewDecoder(in); ; {
		var e Exchange
		err := d.Decode(&e)
		if errors.Is(err, io.EOF) {
			return all, nil
		}
		if err != nil {
			return nil, lang.Errorf("read a recording, after %d {line|lines}: %w", len(all), err)
		}
		all = append(all, e)
	}
}
