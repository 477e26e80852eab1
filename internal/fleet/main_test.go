package fleet

import (
	"runtime/debug"
	"testing"
)

// TestMain has garbage collected as often as in the program: a test holds how much memory a pipeline
// takes.
func TestMain(m *testing.M) {
	debug.SetGCPercent(100)
	m.Run()
}
