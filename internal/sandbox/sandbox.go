// Package sandbox is an AWS account embedded in the program: stateful fakes
// behind the real SDK client. Retries, paginators, waiters, validation and
// idempotency tokens of the SDK all run; only the wire is missing.
//
// It is unkind on purpose: one item a page, resources that stay pending for
// several looks, new resources that lists leave out at first, quotas, names that
// are taken, and DependencyViolation wherever AWS answers so.
package sandbox

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"fmt"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/middleware"
)

// Options are the account's habits. The zero value is filled with the unkind
// defaults that the field comments name.
type Options struct {
	ID       string        // account id, 12 digits; "123456789012" by default
	Path     string        // file that keeps the state; empty keeps it in memory only
	Looks    int           // describes for which something slow stays pending; 2 by default, negative for none
	Lag      int           // lists that leave a new keyless resource out; 1 by default, negative for none
	PageSize int           // items a page of every list; 1 by default
	Linger   time.Duration // how long network interfaces outlive their owners at least; besides, several looks
	// Takes is how long what an operation makes stays pending at least, by its name; besides, Looks. Of
	// "CreateDBCluster", "CreateDBInstance", "CreateNatGateway" and "CreateLoadBalancer".
	Takes map[string]time.Duration
	// Quotas are those that differ from the sandbox's own, by code: a new account has
	// "L-1216C47A" (vCPUs) at 5.
	Quotas map[string]float64
	// Used is an account that was worked in before: AWS's services have their roles in it.
	Used bool
	// SitesAnswer has devices at all sites, so that tunnels come up by themselves.
	SitesAnswer bool
	// NewKey makes the keys of KMS that sign; [rsa.GenerateKey] when nil. No two may be the same.
	NewKey func(bits int) (*rsa.PrivateKey, error)
}

// Call is one API call as the account saw it, after validation and before its answer.
type Call struct {
	N         int    // 1, 2, … in the order of arrival
	Service   string // "EC2", the SDK's service id
	Operation string // "CreateVpc"
	Region    string
	Input     any
	Mutating  bool // false for Describe, Export, List, Get, Head, Simulate and Sign
}

// Name returns "EC2.CreateVpc".
func (c Call) Name() string { return c.Service + "." + c.Operation }

// Fault decides what goes wrong with one call. Before is answered instead of
// the call taking effect; After replaces the answer once it has.
type Fault struct{ Before, After error }

// Account is one AWS account in all its regions. It is safe for concurrent use.
type Account struct {
	opts     Options
	handlers map[string]handler
	tagged   map[string][]func(*tx, []string, byARN) // by service

	mu    sync.Mutex
	state *state
	calls []Call
	n     int
	fault func(Call) Fault
	judge Judge
	store *store
}

type handler func(*tx, any) (any, error)

// New opens the account: in memory, or with the state of opts.Path.
func New(opts Options) (*Account, error) {
	if opts.ID == "" {
		opts.ID = "123456789012"
	}
	if opts.Looks == 0 {
		opts.Looks = 2
	}
	if opts.Lag == 0 {
		opts.Lag = 1
	}
	opts.Looks, opts.Lag = max(opts.Looks, 0), max(opts.Lag, 0)
	if opts.PageSize == 0 {
		opts.PageSize = 1
	}
	if opts.NewKey == nil {
		opts.NewKey = func(bits int) (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, bits) }
	}
	a := &Account{opts: opts, handlers: map[string]handler{}, tagged: map[string][]func(*tx, []string, byARN){}, state: newState()}
	for _, register := range services {
		register(a)
	}
	if opts.Used {
		t := &tx{state: a.state, opts: opts, now: time.Now().UTC()}
		for _, service := range slices.Sorted(maps.Keys(linkedRoles)) {
			t.linkRole(service, "").Unheard = 0
		}
	}
	if opts.Path != "" {
		s, err := openStore(opts.Path, &a.state)
		if err != nil {
			return nil, fmt.Errorf("open sandbox: %w", err)
		}
		a.store = s
	}
	return a, nil
}

// Install makes every client built from cfg talk to the account.
func (a *Account) Install(cfg *aws.Config) {
	cfg.Credentials = credentials.NewStaticCredentialsProvider("SANDBOX", "sandbox", "")
	cfg.APIOptions = append(cfg.APIOptions, a.addMiddleware)
}

// OnCall sets the function asked before every call whether it fails. It runs
// while the account is locked: it may not call the account.
func (a *Account) OnCall(f func(Call) Fault) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.fault = f
}

// Judge is what the caller's own policies say of an action.
type Judge func(action, resource string, context map[string]string) bool

// Judged sets what the caller may do. Nil allows everything. IAM tells it to who asks,
// and services go by it where one call needs more than its own action; the actions of
// calls themselves are left to OnCall. It runs while the account is locked.
func (a *Account) Judged(j Judge) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.judge = j
}

// Calls returns what the account was asked since the last Forget, in order.
func (a *Account) Calls() []Call {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]Call(nil), a.calls...)
}

// Forget empties the record of calls.
func (a *Account) Forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls, a.n = nil, 0
}

type inputKey struct{}

func (a *Account) addMiddleware(stack *middleware.Stack) error {
	keep := middleware.InitializeMiddlewareFunc("SandboxInput", func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (middleware.InitializeOutput, middleware.Metadata, error) {
		return next.HandleInitialize(middleware.WithStackValue(ctx, inputKey{}, in.Parameters), in)
	})
	if err := stack.Initialize.Add(keep, middleware.After); err != nil {
		return err
	}
	answer := middleware.FinalizeMiddlewareFunc("SandboxAnswer", func(ctx context.Context, _ middleware.FinalizeInput, _ middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		out, err := a.serve(ctx, middleware.GetStackValue(ctx, inputKey{}))
		return middleware.FinalizeOutput{Result: out}, middleware.Metadata{}, err
	})
	if _, sends := stack.Finalize.Get("Retry"); !sends { // a request for another region, which is signed and not sent
		return nil
	}
	return stack.Finalize.Insert(answer, "Retry", middleware.After)
}

func (a *Account) serve(ctx context.Context, input any) (any, error) {
	if err := ctx.Err(); err != nil {
		return nil, &aws.RequestCanceledError{Err: err}
	}
	call := Call{
		Service:   awsmiddleware.GetServiceID(ctx),
		Operation: awsmiddleware.GetOperationName(ctx),
		Region:    awsmiddleware.GetRegion(ctx),
		Input:     input,
	}
	call.Mutating = !isRead(call.Operation)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.n++
	call.N = a.n
	a.calls = append(a.calls, call)
	var fault Fault
	if a.fault != nil {
		fault = a.fault(call)
	}
	if fault.Before != nil {
		return nil, fault.Before
	}
	h, ok := a.handlers[call.Name()]
	if !ok {
		return nil, apiError("InvalidAction", "the sandbox does not know %s: no handler is registered for it (is the register function of its service among services in store.go?)", call.Name())
	}
	if given, _ := field(input, "DryRun").(*bool); aws.ToBool(given) {
		return nil, httpError(http.StatusPreconditionFailed, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
	}
	out, err := a.transact(call.Mutating, func(st *state) (any, error) {
		more, _ := field(input, "NextToken").(*string)
		t := &tx{state: st, opts: a.opts, region: call.Region, now: time.Now().UTC(), more: aws.ToString(more) != "", judge: a.judge}
		a.remember(t, call.Service, call.Operation)
		return h(t, clone(input))
	})
	if err != nil {
		return nil, err
	}
	if fault.After != nil {
		return nil, fault.After
	}
	return out, nil
}

// transact runs f on the state, shared with other processes when it is kept in a file.
func (a *Account) transact(mutating bool, f func(*state) (any, error)) (any, error) {
	run := func() (out any, err error) {
		// A state that no calls could have made: the file was edited, or is another version's.
		defer func() {
			if broken := recover(); broken != nil {
				err = apiError("SandboxDamaged", "the sandbox holds what no account can hold (%v); remove its file to start with an empty one", broken)
			}
		}()
		out, err = f(a.state)
		return clone(out), err
	}
	if a.store == nil {
		return run()
	}
	return a.store.transact(&a.state, mutating, run)
}

// fields are where the types of inputs have a field, by type and name; nil where they have none.
var fields sync.Map

// field is the value of an input's field, nil when it has none of that name.
func field(input any, name string) any {
	v := reflect.Indirect(reflect.ValueOf(input))
	if v.Kind() != reflect.Struct {
		return nil
	}
	type place struct {
		of   reflect.Type
		name string
	}
	at, known := fields.Load(place{v.Type(), name})
	if !known {
		f, _ := v.Type().FieldByName(name)
		at = f.Index
		fields.Store(place{v.Type(), name}, at)
	}
	if index := at.([]int); index != nil {
		return v.FieldByIndex(index).Interface()
	}
	return nil
}

func isRead(operation string) bool {
	for _, verb := range []string{"Describe", "Export", "List", "Get", "Head", "Simulate", "Sign"} {
		if strings.HasPrefix(operation, verb) {
			return true
		}
	}
	return false
}

// tx is one call's view of the account. A handler checks everything before it
// changes anything, so that a refused call leaves no trace.
type tx struct {
	*state
	opts   Options
	region string
	now    time.Time
	more   bool // the call asks for a later page of a list
	judge  Judge
}

// newID returns "vpc-0000000000000007": unique in the account, in the order of creation.
func (t *tx) newID(prefix string) string {
	t.Seq++
	return fmt.Sprintf("%s-%017x", prefix, t.Seq)
}

// uuid looks like a UUID, and is as unique.
func (t *tx) uuid() string {
	t.Seq++
	return fmt.Sprintf("%08x-0000-4000-8000-%012x", t.Seq, t.Seq)
}

// arn returns "arn:aws:<service>:<region>:<account>:<resource>".
func (t *tx) arn(service, resource string) string {
	return fmt.Sprintf("arn:aws:%s:%s:%s:%s", service, t.region, t.opts.ID, resource)
}

// op registers the handler of one operation, named after its input type.
func op[I, O any](a *Account, service string, f func(*tx, *I) (*O, error)) {
	name := strings.TrimSuffix(reflect.TypeFor[I]().Name(), "Input")
	a.handlers[service+"."+name] = func(t *tx, in any) (any, error) {
		out, err := f(t, in.(*I))
		if err != nil {
			return nil, err
		}
		return out, nil
	}
}

// resources are of one type, on which operations are registered: find looks one up by
// what requests name it by.
type resources[K, R any] struct {
	account *Account
	service string
	find    func(*tx, K) (R, error)
}

func on[K, R any](a *Account, service string, find func(*tx, K) (R, error)) resources[K, R] {
	return resources[K, R]{a, service, find}
}

// opOn registers an operation on one resource, which is looked up before anything else.
func opOn[I, O, K, R any](of resources[K, R], key func(*I) K, f func(*tx, R, *I) (*O, error)) {
	op(of.account, of.service, func(t *tx, in *I) (*O, error) {
		r, err := of.find(t, key(in))
		if err != nil {
			return nil, err
		}
		return f(t, r, in)
	})
}

// opChange registers an operation on one resource that answers with an empty output.
func opChange[O, I, K, R any](of resources[K, R], key func(*I) K, f func(*tx, R, *I) error) {
	opOn(of, key, func(t *tx, r R, in *I) (*O, error) { return new(O), f(t, r, in) })
}

// opSet registers one that answers so, and cannot fail once it has its resource.
func opSet[O, I, K, R any](of resources[K, R], key func(*I) K, f func(R, *I)) {
	opChange[O](of, key, func(_ *tx, r R, in *I) error {
		f(r, in)
		return nil
	})
}

// page cuts one page out of items. token is the NextToken or Marker of the
// request; next is nil on the last page. The sandbox ignores the page size that
// the caller would like: code that reads only one page must fail here.
func page[T any](t *tx, items []T, token *string) (part []T, next *string, err error) {
	start := 0
	if token != nil && *token != "" {
		if _, err := fmt.Sscanf(*token, "page-%d", &start); err != nil || start > len(items) {
			return nil, nil, apiError("InvalidNextToken", "the token %q is not one of ours", *token)
		}
	}
	end := min(start+t.opts.PageSize, len(items))
	if end < len(items) {
		next = aws.String(fmt.Sprintf("page-%d", end))
	}
	return items[start:end], next, nil
}
