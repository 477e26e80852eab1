package pki

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// ErrConflict is what a [Store] answers when what it holds is not what was loaded.
var ErrConflict = lang.New("somebody else has changed it meanwhile")

// Store keeps one document.
type Store interface {
	// Load returns the document and the version that it is of: nothing and "" while there is none.
	Load(ctx context.Context) (data []byte, version string, err error)
	// Save replaces the document if it is of that version still, and makes it if there is to
	// be none yet. Otherwise it changes nothing and fails with [ErrConflict]. It may do so
	// as well when its own first attempt has succeeded without an answer.
	Save(ctx context.Context, data []byte, version string) error
}

const (
	// updateTries is how often an update begins anew: of that many people who change the
	// index of one client in the same moment, each has had a turn.
	updateTries = 10
	updatePause = 200 * time.Millisecond
)

// Update changes the index in a store. When another update comes first, change is called
// again, with the index as that one has left it; so it may have no effect of its own, and
// what it tells is to be taken from its last call. An update whose answer is lost is made
// twice: that reserves a serial number in vain or skips one of a list, and is nothing else.
func Update(ctx context.Context, store Store, change func(*Index) error) error {
	for try := 1; ; try++ {
		err := update(ctx, store, change)
		if !errors.Is(err, ErrConflict) {
			return err
		}
		if try == updateTries {
			return lang.Errorf("change the index of certificates, %d times: %w", try, err)
		}
		timer := time.NewTimer(rand.N(updatePause)) //nolint:gosec // jitter, not a secret
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

func update(ctx context.Context, store Store, change func(*Index) error) error {
	data, version, err := store.Load(ctx)
	if err != nil {
		return lang.Errorf("load the index of certificates: %w", err)
	}
	x := &Index{}
	if version != "" {
		if x, err = DecodeIndex(data); err != nil {
			return err
		}
	}
	before, err := x.Encode()
	if err != nil {
		return err
	}
	if err := change(x); err != nil {
		return err
	}
	changed, err := x.Encode()
	if err != nil {
		return err
	}
	if bytes.Equal(changed, before) {
		return nil
	}
	if err := store.Save(ctx, changed, version); err != nil {
		return lang.Errorf("save the index of certificates: %w", err)
	}
	return nil
}

// Read returns the index in a store; an empty one while there is none.
func Read(ctx context.Context, store Store) (*Index, error) {
	data, version, err := store.Load(ctx)
	if err != nil {
		return nil, lang.Errorf("load the index of certificates: %w", err)
	}
	if version == "" {
		return &Index{}, nil
	}
	return DecodeIndex(data)
}
