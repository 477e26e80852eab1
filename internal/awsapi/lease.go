package awsapi

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"gitlab.com/cicd/cicdctl/internal/lang"
)

// How long a lease is held at most, and what is left of it for the last call to
// come back: nobody works under a lease that has run out.
const (
	leaseTime   = 30 * time.Second
	leaseMargin = 5 * time.Second
	leaseReuse  = 15 * time.Second // a lease with less than this left is not shared any more
	// clockSkew is how wrong clocks may be: S3 refuses calls that are further off.
	clockSkew = 15 * time.Minute
)

// Holder is who has a lease.
type Holder struct {
	Run     string    `json:"run"` // unique for each run
	Host    string    `json:"host"`
	Space   string    `json:"space,omitempty"` // where the PID counts: containers may share a host's name
	PID     int       `json:"pid"`
	Expires time.Time `json:"expires"`
}

func (h Holder) String() string { return fmt.Sprintf("process %d on %s", h.PID, h.Host) }

// Leases serialise the creation of what AWS would make twice. A lease is one S3
// object that is put only if there is none: S3 decides, atomically, for all
// machines. The goroutines of one run share a lease.
type Leases struct {
	s3     S3
	bucket string
	self   Holder
	// found makes the bucket when there is none yet.
	found func(context.Context) error

	mu       sync.Mutex
	held     map[string]*heldLease
	founding *founding // nil until the bucket was found missing
}

type heldLease struct {
	ready   chan struct{} // closed when it was got, or not
	done    chan struct{} // closed when it was given back
	err     error
	etag    string
	expires time.Time
	users   int
	taken   bool // from somebody who did not give it back
}

// NewLeases keeps leases under leases/ in the bucket; found is called when the bucket is missing.
func NewLeases(api S3, bucket string, self Holder, found func(context.Context) error) *Leases {
	return &Leases{s3: api, bucket: bucket, self: self, found: found, held: map[string]*heldLease{}}
}

// Do runs f while this run holds the lease; waiting is told who holds it
// meanwhile. f's context ends a little before the lease does.
func (l *Leases) Do(ctx context.Context, key string, waiting func(string), f func(context.Context) error) error {
	h, err := l.join(ctx, key, waiting)
	if err != nil {
		return err
	}
	ctx = context.WithValue(context.WithValue(ctx, tenureKey{}, h.etag), takenKey{}, h.taken)
	bounded, cancel := context.WithDeadline(ctx, h.expires.Add(-leaseMargin))
	defer cancel()
	return errors.Join(f(bounded), l.leave(ctx, key, h))
}

type tenureKey struct{}

// Tenure identifies the lease that the function given to [Leases.Do] runs under:
// the same for all who share it, another one after it was given back. It is empty
// outside.
func Tenure(ctx context.Context) string {
	tenure, _ := ctx.Value(tenureKey{}).(string)
	return tenure
}

type takenKey struct{}

// Taken reports whether that lease was taken from somebody who did not give it
// back: what they made last may be missing from lists still.
func Taken(ctx context.Context) bool {
	taken, _ := ctx.Value(takenKey{}).(bool)
	return taken
}

// join shares the lease that this run holds already, or gets it.
func (l *Leases) join(ctx context.Context, key string, waiting func(string)) (*heldLease, error) {
	for {
		l.mu.Lock()
		h := l.held[key]
		if h == nil {
			h = &heldLease{ready: make(chan struct{}), done: make(chan struct{}), users: 1}
			l.held[key] = h
			l.mu.Unlock()
			h.err = l.acquire(ctx, key, waiting, h)
			if h.err != nil {
				l.mu.Lock()
				delete(l.held, key)
				l.mu.Unlock()
				close(h.done)
			}
			close(h.ready)
			return h, h.err
		}
		l.mu.Unlock()
		if err := wait(ctx, h.ready); err != nil {
			return nil, err
		}
		l.mu.Lock()
		if h.err == nil && h.users > 0 && time.Until(h.expires) > leaseReuse {
			h.users++
			l.mu.Unlock()
			return h, nil
		}
		l.mu.Unlock()
		if err := wait(ctx, h.done); err != nil {
			return nil, err
		}
	}
}

func wait(ctx context.Context, done <-chan struct{}) error {
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// leave gives the lease back when its last user has left.
func (l *Leases) leave(ctx context.Context, key string, h *heldLease) error {
	l.mu.Lock()
	h.users--
	last := h.users == 0
	l.mu.Unlock()
	if !last {
		return nil
	}
	err := l.giveBack(ctx, key, h)
	l.mu.Lock()
	delete(l.held, key)
	l.mu.Unlock()
	close(h.done)
	return err
}

// giveBack lets others have the lease at once.
func (l *Leases) giveBack(ctx context.Context, key string, h *heldLease) error {
	if !time.Now().Before(h.expires) {
		return nil // it may be another's by now
	}
	_, err := l.s3.DeleteObject(context.WithoutCancel(ctx), &s3.DeleteObjectInput{Bucket: &l.bucket, Key: aws.String(object(key)), IfMatch: &h.etag})
	if Is(err, Ambiguous, Throttled, Exists, InUse) {
		return nil // it runs out by itself, or is another's by now
	}
	return IgnoreNotFound(err)
}

// Leases are the objects "leases/account/eu-west-3.json".
const (
	leasePrefix = "leases/"
	leaseSuffix = ".json"
)

func object(key string) string { return leasePrefix + key + leaseSuffix }

// acquire puts the lease object, waiting for whoever holds it.
func (l *Leases) acquire(ctx context.Context, key string, waiting func(string), h *heldLease) (err error) {
	told := ""
	var seen string // the lease that is in the way, and since when we see it
	var since time.Time
	for {
		h.etag, h.expires, err = l.put(ctx, key, nil)
		switch {
		case err == nil:
			return nil
		case Code(err) == "NoSuchBucket" && l.found != nil:
			if err := l.foundOnce(ctx); err != nil && !Is(err, Exists, InUse) {
				return err
			}
		case !Is(err, Exists, InUse):
			return err
		default:
			holder, tag, err := l.holder(ctx, key)
			if err != nil {
				return err
			}
			if tag != seen {
				seen, since = tag, time.Now()
			}
			if tag != "" && (l.over(holder) || time.Since(since) > leaseTime) {
				h.etag, h.expires, err = l.put(ctx, key, &tag)
				h.taken = err == nil
				if err == nil || !Is(err, Exists, InUse, NotFound) {
					return err
				}
			} else if tag != "" && told != holder.Run {
				told = holder.Run
				waiting(holder.String())
			}
		}
		timer := time.NewTimer(100*time.Millisecond + rand.N(200*time.Millisecond)) //nolint:gosec // jitter, not a secret
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		}
	}
}

// foundOnce makes the bucket, unless another of this run's leases is at it or has
// just done so.
func (l *Leases) foundOnce(ctx context.Context) error {
	l.mu.Lock()
	f := l.founding
	first := f == nil
	if first {
		f = &founding{done: make(chan struct{})}
		l.founding = f
	}
	l.mu.Unlock()
	if !first {
		if err := wait(ctx, f.done); err != nil {
			return err
		}
		return f.err
	}
	f.err = l.found(ctx)
	if f.err != nil { // the next one may be luckier
		l.mu.Lock()
		l.founding = nil
		l.mu.Unlock()
	}
	close(f.done)
	return f.err
}

// founding is the making of the bucket.
type founding struct {
	done chan struct{}
	err  error
}

// put writes the lease if there is none, or in the place of the one with an ETag.
func (l *Leases) put(ctx context.Context, key string, replace *string) (string, time.Time, error) {
	h := l.self
	h.Expires = time.Now().Add(leaseTime).UTC()
	body, err := json.Marshal(h)
	if err != nil {
		return "", h.Expires, err
	}
	in := &s3.PutObjectInput{
		Bucket: &l.bucket, Key: aws.String(object(key)), Body: bytes.NewReader(body),
		// Leases are no secret: no call of KMS on the way.
		ServerSideEncryption: types.ServerSideEncryptionAes256,
	}
	if in.IfMatch = replace; replace == nil {
		in.IfNoneMatch = aws.String("*")
	}
	out, err := l.s3.PutObject(ctx, in)
	if Is(err, Exists) {
		// A repeated put whose first answer was lost meets its own object.
		if holder, tag, readErr := l.holder(ctx, key); readErr == nil && holder.Run == l.self.Run && holder.Expires.Equal(h.Expires) {
			return tag, holder.Expires, nil
		}
	}
	if err != nil {
		return "", h.Expires, err
	}
	return aws.ToString(out.ETag), h.Expires, nil
}

// holder reads who has the lease; the ETag is empty when nobody has.
func (l *Leases) holder(ctx context.Context, key string) (h Holder, etag string, err error) {
	out, err := l.s3.GetObject(ctx, &s3.GetObjectInput{Bucket: &l.bucket, Key: aws.String(object(key))})
	if Is(err, NotFound) {
		return h, "", nil
	}
	if err != nil {
		return h, "", err
	}
	defer func() { err = errors.Join(err, out.Body.Close()) }()
	data, err := io.ReadAll(out.Body)
	if err != nil {
		return h, "", err
	}
	if err := json.Unmarshal(data, &h); err != nil {
		return h, "", lang.Errorf("lease %s: %w", key, err)
	}
	return h, aws.ToString(out.ETag), nil
}

// over reports whether a lease is nobody's any more: its holder died on this
// machine, or is this run, which no longer uses it, or let it run out. Clocks
// differ, so that a lease has run out for certain only when the holder's time is
// long over; before that, whoever waits must see the same lease for as long as
// leases last.
func (l *Leases) over(h Holder) bool {
	if h.Run == l.self.Run || time.Now().After(h.Expires.Add(clockSkew)) {
		return true
	}
	here := h.Host == l.self.Host && h.Space == l.self.Space
	return here && h.PID > 0 && h.PID != l.self.PID && gone(h.PID)
}

// gone reports whether no process of this machine has the number. One that may not be asked is there.
func gone(pid int) bool {
	process, err := os.FindProcess(pid)
	if err != nil { // only on Windows, which looks for it here
		const noSuchProcess = syscall.Errno(87) // its ERROR_INVALID_PARAMETER
		return errors.Is(err, noSuchProcess)
	}
	defer func() { _ = process.Release() }() // it never fails
	return errors.Is(process.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
