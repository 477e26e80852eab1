package awsapi

import (
	"context"
	"errors"
	"time"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// ErrLeaseLost says that a lease could not be kept, so that another run may be at
// work on the same thing by now.
var ErrLeaseLost = lang.New("the lease was lost: another run may have taken over")

// renewals is how many times a lease is renewed in the time that it lasts: some of
// them may fail.
const renewals = 4

// Hold is like Do for what takes longer than a lease lasts: it is renewed until f
// returns. It is not shared. When it is lost nonetheless, f's context ends with
// [ErrLeaseLost] as its cause.
func (l *Leases) Hold(ctx context.Context, key string, waiting func(string), f func(context.Context) error) error {
	h := &heldLease{}
	if err := l.acquire(ctx, key, waiting, h); err != nil {
		return err
	}
	held, end := context.WithCancelCause(ctx)
	defer end(nil)
	over, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		// The lease is kept also while f cleans up after its context has ended.
		if !l.renew(context.WithoutCancel(ctx), key, h, over) {
			end(ErrLeaseLost)
		}
	}()
	err := f(held)
	close(over)
	<-done
	return errors.Join(err, l.giveBack(ctx, key, h))
}

// renew keeps the lease until over is closed, or reports that it was lost.
func (l *Leases) renew(ctx context.Context, key string, h *heldLease, over <-chan struct{}) bool {
	tick := time.NewTicker(leaseTime / renewals)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return true
		case <-tick.C:
		}
		bounded, cancel := context.WithDeadline(ctx, h.expires)
		etag, expires, err := l.put(bounded, key, &h.etag)
		cancel()
		switch {
		case err == nil:
			h.etag, h.expires = etag, expires
		case Is(err, Exists, NotFound), !time.Now().Before(h.expires):
			h.expires = time.Time{} // nothing to give back
			return false
		}
	}
}
