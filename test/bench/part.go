package main

import "context"

// part is one comparison: contenders that reach the same end.
type part struct {
	name       string // for -only
	title      string
	cluster    bool // whether it needs one
	runs       int
	contenders []contender
	ratios     []ratio
	before     func(context.Context) error // once, before all runs; may be nil
}

// contender is one way to reach the end of a part.
type contender struct {
	name    string
	command []string
	run     func(context.Context) (sample, error) // instead of command
	once    bool                                  // too slow for a warm-up and a second run
	prepare func(context.Context) error           // before each run, not timed; may be nil
	verify  func(context.Context) error           // after each run, not timed; may be nil
}

// ratio is what a part is there to tell: theirs divided by ours.
type ratio struct {
	ours, theirs string  // names of contenders
	want         float64 // at least this, of wall time; 0 where it is for information
}
