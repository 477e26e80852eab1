package provision

import (
	"context"
	"errors"
	"testing"
)

// Of two who need the same answer, the first may be called off while it waits for it.
func TestAnAnswerIsAskedForAgainWhenWhoAskedHasLeft(t *testing.T) {
	t.Parallel()
	m := newMemory()
	begun, leave, second := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		_, err := recall(m, "keys", func() (int, error) {
			close(begun)
			<-leave
			return 0, context.Canceled
		})
		second <- err
	}()
	<-begun
	got := make(chan int, 1)
	go func() {
		n, err := recall(m, "keys", func() (int, error) { return 7, nil })
		if err != nil {
			t.Error(err)
		}
		got <- n
	}()
	close(leave)
	if err := <-second; !errors.Is(err, context.Canceled) {
		t.Errorf("who has left is told %v", err)
	}
	if n := <-got; n != 7 {
		t.Errorf("the other one is told %d", n)
	}
	calls := 0
	for range 2 {
		if _, err := recall(m, "fails", func() (int, error) { calls++; return 0, errors.New("refused") }); err == nil {
			t.Error("no error")
		}
	}
	if calls != 1 {
		t.Errorf("what AWS refuses is asked for %d times", calls)
	}
}
