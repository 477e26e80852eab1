package kit

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/aws/smithy-go"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/lang"
)

// Failure is an item that AWS did not deal with, in an answer that is a success as a whole.
type Failure[T any] struct {
	Item          T
	Name          string // of the item, for people
	Code, Message string
}

func (f Failure[T]) err() error {
	return lang.Errorf("%s: %w", f.Name, &smithy.GenericAPIError{Code: f.Code, Message: f.Message})
}

// passing are the codes of failures on AWS's side that pass by themselves, besides throttling
// (Amazon S3, "Error responses"; Amazon EC2, "Server error codes"). The SDK repeats such
// calls, but not such items of a call.
var passing = []string{"InternalError", "InternalFailure", "ServiceUnavailable", "Unavailable", "ServerInternal", "ServerException"}

// Each item is tried this often, with pauses that double from the first one.
const (
	itemTries = 6
	itemPause = time.Second
)

// Items makes a call for some items, and again for those that failed in passing. The error
// tells of every item that failed for good.
func Items[T any](ctx context.Context, items []T, call func(context.Context, []T) ([]Failure[T], error)) error {
	var lasting []error
	for try, pause := 1, itemPause; len(items) > 0; try, pause = try+1, 2*pause {
		failures, err := call(ctx, items)
		if err != nil {
			return errors.Join(append(lasting, err)...)
		}
		items = nil
		for _, f := range failures {
			err := f.err()
			if try < itemTries && (slices.Contains(passing, f.Code) || awsapi.Is(err, awsapi.Throttled)) {
				items = append(items, f.Item)
				continue
			}
			lasting = append(lasting, err)
		}
		if len(items) == 0 {
			break
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return errors.Join(append(lasting, ctx.Err())...)
		}
	}
	return errors.Join(lasting...)
}
