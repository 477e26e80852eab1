package awsapi

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"sync"
	"time"

	"github.com/aws/smithy-go/middleware"
)

// Memory is what AWS has answered a look so far: who asks the same once more, in another part
// of it, is given the same answer. A look changes nothing, and is over within a minute.
type Memory struct {
	// Shared says that the looks that are parts of this one have no memory of their own.
	Shared bool

	mu   sync.Mutex
	told map[string]*told
}

// told is an answer that is there, or that somebody is asking for.
type told struct {
	done chan struct{} // closed once it is there
	at   time.Time
	out  any
	err  error
}

// remembers is how long an answer is given again.
const remembers = time.Minute

// remembered are the operations that several parts of a look ask alike. Nobody writes to
// what their answers point to, and none of them has a secret.
var remembered = []string{
	"EC2.DescribeVpcs", "EC2.DescribeSubnets", "EC2.DescribeNetworkAcls", "EC2.DescribeSecurityGroups", "EC2.DescribeRouteTables",
	"EC2.DescribeNatGateways", "EC2.DescribeVpnGateways", "CloudTrail.DescribeTrails", "S3.GetBucketTagging", "Backup.ListRecoveryPointsByBackupVault",
}

type memoryKey struct{}

// Remembering returns the context of a look with a memory, which is that of the look around it
// where that shares its own.
func Remembering(ctx context.Context, m *Memory) context.Context {
	if around, ok := ctx.Value(memoryKey{}).(*Memory); ok && around.Shared {
		return ctx
	}
	return context.WithValue(ctx, memoryKey{}, m)
}

// remember answers calls of a region's clients from the memory of the look that makes them.
func remember(region string) func(*middleware.Stack) error {
	return func(stack *middleware.Stack) error {
		return stack.Initialize.Add(remembering(region), middleware.Before)
	}
}

func remembering(region string) middleware.InitializeMiddleware {
	return middleware.InitializeMiddlewareFunc("Remember", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		m, _ := ctx.Value(memoryKey{}).(*Memory)
		name := middleware.GetServiceID(ctx) + "." + middleware.GetOperationName(ctx)
		if m == nil || !slices.Contains(remembered, name) {
			return next.HandleInitialize(ctx, in)
		}
		asked, err := json.Marshal(in.Parameters)
		if err != nil {
			return next.HandleInitialize(ctx, in)
		}
		out, err := m.recall(ctx, name+" "+region+" "+string(asked), func() (any, error) {
			out, _, err := next.HandleInitialize(ctx, in)
			return out.Result, err
		})
		if err != nil {
			return middleware.InitializeOutput{}, middleware.Metadata{}, err
		}
		return middleware.InitializeOutput{Result: copied(out)}, middleware.Metadata{}, nil
	})
}

// copied is an answer for one of those who asked: the SDK itself writes to it, for it notes its
// ResultMetadata there when all middleware is done. What the answer points to is everybody's.
func copied(answer any) any {
	own := reflect.New(reflect.TypeOf(answer).Elem())
	own.Elem().Set(reflect.ValueOf(answer).Elem())
	return own.Interface()
}

// recall asks once for all. Whoever asked first may have left meanwhile, because of an error
// elsewhere; then the next one asks for itself.
func (m *Memory) recall(ctx context.Context, question string, ask func() (any, error)) (any, error) {
	for {
		m.mu.Lock()
		t := m.told[question]
		first := t == nil || time.Since(t.at) > remembers
		if first {
			t = &told{done: make(chan struct{}), at: time.Now()}
			if m.told == nil {
				m.told = map[string]*told{}
			}
			m.told[question] = t
		}
		m.mu.Unlock()
		if !first {
			if err := wait(ctx, t.done); err != nil {
				return nil, err
			}
			if !errors.Is(t.err, context.Canceled) {
				return t.out, t.err
			}
			continue
		}
		t.out, t.err = ask()
		if t.err != nil { // whoever asks later may be luckier
			m.mu.Lock()
			delete(m.told, question)
			m.mu.Unlock()
		}
		close(t.done)
		return t.out, t.err
	}
}
