package pki

import (
	"bytes"
	"context"
	"errors"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// memory is a store that goes wrong as it is told: fault is asked before each save.
type memory struct {
	mu      sync.Mutex
	data    []byte
	version int
	saves   int
	fault   func() (before, after error)
}

func (m *memory) Load(context.Context) ([]byte, string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.version == 0 {
		return nil, "", nil
	}
	return bytes.Clone(m.data), strconv.Itoa(m.version), nil
}

func (m *memory) Save(_ context.Context, data []byte, version string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var before, after error
	if m.fault != nil {
		before, after = m.fault()
	}
	if before != nil {
		return before
	}
	if version == "" && m.version != 0 || version != "" && version != strconv.Itoa(m.version) {
		return ErrConflict
	}
	m.data, m.version, m.saves = bytes.Clone(data), m.version+1, m.saves+1
	return after
}

func TestUpdatesOfManyAreNotLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store := &memory{}
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				for range 4 {
					err := Update(t.Context(), store, func(x *Index) error {
						_, err := x.Reserve("jane", 1, noon)
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		if x, err := Read(t.Context(), store); err != nil || len(x.Entries) != 20 {
			t.Errorf("of 20 updates, %d are there (%v)", len(x.Entries), err)
		}
	})
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	reserved := func(x *Index) error {
		_, err := x.Reserve("jane", 1, noon)
		return err
	}
	for name, c := range map[string]struct {
		fault   func(save int) (before, after error)
		change  func(*Index) error
		is      error
		entries int
		calls   int
	}{
		"goes through":                         {nil, reserved, nil, 1, 1},
		"comes second, and begins anew":        {func(save int) (error, error) { return map[int]error{1: ErrConflict}[save], nil }, reserved, nil, 1, 2},
		"has its answer lost, and comes twice": {func(save int) (error, error) { return nil, map[int]error{1: ErrConflict}[save] }, reserved, nil, 2, 2},
		"gives up when it never comes first":   {func(int) (error, error) { return ErrConflict, nil }, reserved, ErrConflict, 0, updateTries},
		"fails with its store":                 {func(int) (error, error) { return broken, nil }, reserved, broken, 0, 1},
		"does not want to":                     {nil, func(x *Index) error { return errors.Join(reserved(x), broken) }, broken, 0, 1},
		"would save what cannot be":            {nil, func(x *Index) error { x.Entries = append(x.Entries, Entry{}); return nil }, nil, 0, 1},
		"has nothing to change":                {nil, func(*Index) error { return nil }, nil, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				store, saves, calls := &memory{}, 0, 0
				if c.fault != nil {
					store.fault = func() (error, error) { saves++; return c.fault(saves) }
				}
				err := Update(t.Context(), store, func(x *Index) error { calls++; return c.change(x) })
				if name == "would save what cannot be" {
					refused(t, err, "not a serial number")
				} else if !errors.Is(err, c.is) {
					t.Errorf("got %v", err)
				}
				x, err := Read(t.Context(), store)
				if err != nil || len(x.Entries) != c.entries || calls != c.calls {
					t.Errorf("after %d calls there are %d entries (%v)", calls, len(x.Entries), err)
				}
				if c.entries == 0 && store.version != 0 {
					t.Error("it was saved")
				}
			})
		})
	}
}

func TestUpdateIsInterrupted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		store := &memory{fault: func() (error, error) { return ErrConflict, nil }}
		err := Update(ctx, store, func(x *Index) error { x.NextNumber(); return nil })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestUpdateLeavesWhatItCannotRead(t *testing.T) {
	t.Parallel()
	store := &memory{data: []byte(`{"format": 2}`), version: 1}
	err := Update(t.Context(), store, func(x *Index) error { x.NextNumber(); return nil })
	refused(t, err, "its format is 2")
	if store.saves != 0 {
		t.Error("it was overwritten")
	}
}
