package cloud

import (
	"context"
	"time"

	"gitlab.com/cicd/cicdctl/internal/provision"
)

// Pause waits, or says why it was cut short.
func Pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Ours reports whether tags are those of the client in the region.
func Ours(tags provision.Tags, client, region string) bool {
	return tags[provision.TagManagedBy] == provision.ManagedBy && tags[provision.TagClient] == client && tags[provision.TagRegion] == region
}

// Moment is a time that AWS told, or nil.
func Moment(t *time.Time) *time.Time {
	if t == nil || t.IsZero() {
		return nil
	}
	utc := t.UTC()
	return &utc
}

// At is a time that AWS told, or the zero time.
func At(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}
