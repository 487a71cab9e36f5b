package secrets

import (
	"testing"
	"time"
)

// wantEventually waits for what the server does some time after it said so.
func wantEventually(t testing.TB, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not in 10 s")
		}
	}
}
