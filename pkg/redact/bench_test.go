package redact_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// BenchmarkText redacts 1,000 lines of a log with 100 values of 4 KiB, of which
// every hundredth line has one.
func BenchmarkText(b *testing.B) {
	random := rand.New(rand.NewPCG(1, 2))
	values := make([][]byte, 100)
	for i := range values {
		values[i] = make([]byte, 4<<10)
		for j := range values[i] {
			values[i][j] = byte('!' + random.IntN(94))
		}
	}
	lines := make([]string, 1000)
	for i := range lines {
		lines[i] = fmt.Sprintf("2026-01-02T03:04:05Z INFO worker %d: loading shard %d of 64 from /models/llama in 1.25s", i%8, i%64)
		if i%100 == 0 {
			lines[i] += fmt.Sprintf(" with %q", values[i/100])
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		r := redact.New(values...)
		for _, line := range lines {
			r.Text(line)
		}
	}
}
