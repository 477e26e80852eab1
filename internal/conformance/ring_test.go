package conformance

import (
	"crypto/rand"
	"crypto/rsa"
	"sync"
	"sync/atomic"

	"gitlab.com/cicd/cicdctl/internal/sandbox"
)

// keyRing holds the keys that accounts are given: making one takes about as long as all calls
// for a client. The first is for everything that a process makes; those of KMS are another each,
// but the same in all accounts.
var keyRing struct {
	sync.Mutex
	keys []*rsa.PrivateKey
}

// ringKey is the n-th key of the ring.
func ringKey(n int) (*rsa.PrivateKey, error) {
	keyRing.Lock()
	defer keyRing.Unlock()
	for len(keyRing.keys) <= n {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, err
		}
		keyRing.keys = append(keyRing.keys, key)
	}
	return keyRing.keys[n], nil
}

// quickKey is one short key; making the real one takes seconds.
func quickKey(int) (*rsa.PrivateKey, error) { return ringKey(0) }

// newAccount is an account whose KMS makes keys quickly.
func newAccount(opts sandbox.Options) (*sandbox.Account, error) {
	var made atomic.Int32
	opts.NewKey = func(int) (*rsa.PrivateKey, error) { return ringKey(int(made.Add(1))) }
	return sandbox.New(opts)
}
