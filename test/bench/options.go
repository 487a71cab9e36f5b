package main

import (
	"errors"
	"flag"
	"fmt"
	"regexp"
	"time"
)

// options are the command line.
type options struct {
	runs    int
	only    *regexp.Regexp
	timeout time.Duration
}

func parseOptions(args []string) (options, error) {
	o := options{only: regexp.MustCompile("")}
	fs := flag.NewFlagSet("bench", flag.ExitOnError)
	fs.IntVar(&o.runs, "runs", 3, "how often each contender runs, but for those that take a minute; render and start-up run five times as often")
	fs.DurationVar(&o.timeout, "timeout", 30*time.Minute, "when to give up")
	fs.Func("only", "run the parts whose names match `REGEXP`: render, start-up, render-many, validate, group, create, update, unchanged, delete, memory, deploy, deploy-unprobed, deploy-many, latency", func(s string) (err error) {
		o.only, err = regexp.Compile(s)
		return err
	})
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	switch {
	case fs.NArg() > 0:
		return o, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	case o.runs < 1:
		return o, errors.New("-runs: want 1 or more")
	}
	return o, nil
}
