package conformance

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain has garbage collected less often than programs that run for long do: accounts
// are made by the hundred, and each is gone after a moment.
func TestMain(m *testing.M) {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	m.Run()
}
