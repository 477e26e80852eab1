package provision

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// Who asks leaves with its lease, and its context ends. What others have asked for
// meanwhile is not looked for with that context: the request would be cut off on the
// way, and another one made.
func TestNobodysLookIsMadeWithTheContextOfOneWhoHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, looks, cut := &lookout{}, 0, 0
		ask := func(after time.Duration, tenure string) {
			time.Sleep(after)
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			_, err := l.ask(ctx, tenure, true, func() ([]*Resource, error) {
				looks++
				time.Sleep(time.Second)
				if ctx.Err() == nil || looks > 9 {
					return nil, nil
				}
				cut++
				return nil, ctx.Err()
			})
			if err != nil {
				t.Error(err)
			}
			if got := l.last.tenure; got != tenure {
				t.Errorf("what was seen under the lease %s is kept as seen under %s", tenure, got)
			}
		}
		var all sync.WaitGroup
		for i, tenure := range []string{"first", "second", "third"} {
			all.Go(func() { ask(time.Duration(i)*700*time.Millisecond, tenure) })
		}
		all.Wait()
		if looks != 3 || cut != 0 {
			t.Errorf("%d looks, %d of them cut off; want 3 and none", looks, cut)
		}
	})
}
