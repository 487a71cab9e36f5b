package main

import (
	"runtime"
	"slices"
	"syscall"
	"time"
)

// sample is what one run took.
type sample struct {
	wall time.Duration
	cpu  time.Duration // user and system
	rss  int64         // at its peak, in bytes
}

// peakBytes is the peak of the resident set, which the systems count in
// different units.
func peakBytes(usage *syscall.Rusage) int64 {
	if runtime.GOOS == "darwin" {
		return usage.Maxrss
	}
	return usage.Maxrss * 1024
}

// medianOf returns a sample with the median of each measure.
func medianOf(samples []sample) sample {
	return sample{
		wall: median(walls(samples)),
		cpu:  median(collect(samples, func(s sample) time.Duration { return s.cpu })),
		rss:  median(collect(samples, func(s sample) int64 { return s.rss })),
	}
}

func walls(samples []sample) []time.Duration {
	return collect(samples, func(s sample) time.Duration { return s.wall })
}

func collect[T any](samples []sample, measure func(sample) T) []T {
	all := make([]T, len(samples))
	for i, s := range samples {
		all[i] = measure(s)
	}
	return all
}

func median[T time.Duration | int64](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	half := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[half]
	}
	return (sorted[half-1] + sorted[half]) / 2
}
