package main

import (
	"crypto/rsa"
	"errors"
	"sync"
	"time"

	"gitlab.com/cicd/cicdctl/internal/awsapi"
	"gitlab.com/cicd/cicdctl/internal/cloud"
	"gitlab.com/cicd/cicdctl/internal/pki"
	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

const (
	// sandboxPace is how long polls of the sandbox wait: its slow things take as many looks
	// as it says, not as much time.
	sandboxPace = 15 * time.Millisecond
	// sandboxPage is how many items a list of the sandbox has on one page: enough that ten
	// clients at once do not spend their time on turning pages.
	sandboxPage = 25
)

// sandboxes are the embedded accounts that a command has opened.
type sandboxes struct {
	mu   sync.Mutex
	open []*sandbox.Account
}

// flush writes what was not written yet of them.
func (b *sandboxes) flush() error {
	var errs []error
	for _, account := range b.open {
		errs = append(errs, account.Flush())
	}
	return errors.Join(errs...)
}

// connect says how AWS is reached, or the embedded account where there is a file of one.
func (b *sandboxes) connect(file, id string) (cloud.Connection, error) {
	if file == "" {
		return cloud.Connection{Pace: cloud.Pace}, nil
	}
	account, err := embedded(file, id)
	if err != nil {
		return cloud.Connection{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.open = append(b.open, account)
	return cloud.Connection{Options: awsapi.Options{Install: account.Install, Unlimited: true}, Pace: sandboxPace, NewKey: sandboxKey}, nil
}

// sandboxKey makes a key that opens nothing: making one of 4096 bits takes longer than all else
// that a client needs in the sandbox.
func sandboxKey(int) (*rsa.PrivateKey, error) { return pki.NewKey(2048) }

// embedded opens the account in a file, which has a number; there is none without a file.
func embedded(file, id string) (*sandbox.Account, error) {
	if file == "" {
		return nil, nil
	}
	return sandbox.New(sandbox.Options{ID: id, Path: file, PageSize: sandboxPage})
}

// estateAccount opens an account to make many clients in: everything is ready at once, lists have
// one page, and it has the vCPUs that fifty clients in each region need.
func estateAccount(file, id string) (*sandbox.Account, error) {
	return sandbox.New(sandbox.Options{ID: id, Path: file, PageSize: 1000, Looks: -1, Lag: -1, Quotas: map[string]float64{"L-1216C47A": 10000}})
}
