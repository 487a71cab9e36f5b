package main

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestParseOptionsRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string][]string{
		`invalid version "": must be a semantic version such as v0.1.0`:       nil,
		`invalid version "0.1.0": must be a semantic version such as v0.1.0`:  {"-version", "0.1.0"},
		`invalid version "v1.0 x": must be a semantic version such as v0.1.0`: {"-version", "v1.0 x"},
		`invalid version "8d2f1c": must be a semantic version such as v0.1.0`: {"-version", "8d2f1c"},
		`invalid version "v1.0.0 -X main.a=b": must be a semantic version such as v0.1.0`: {
			"-version", "v1.0.0 -X main.a=b",
		},
		`parsing flags: want no arguments, got ["v0.1.0"]`: {"v0.1.0"},
	}
	for want, args := range tests {
		if _, err := parseOptions(args, io.Discard); err == nil || err.Error() != want {
			t.Errorf("parsing %q: want error %q, got %v", args, want, err)
		}
	}
}

func TestParseOptionsAcceptsVersionsOfGitDescribe(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"v0.1.0", "v0.1.0-rc.1", "v0.1.0-3-g8d2f1c0-dirty", "v0.0.0-dev"} {
		opts, err := parseOptions([]string{"-version", version, "-platforms", "linux/amd64,windows/arm64"}, io.Discard)
		if err != nil {
			t.Error(err)
		}
		if opts.version != version || strings.Join(opts.platforms, " ") != "linux/amd64 windows/arm64" {
			t.Errorf("parsing options: want version %s and two platforms, got %+v", version, opts)
		}
	}
}

func TestReleaseTimeIsSourceDateEpoch(t *testing.T) {
	t.Setenv("SOURCE_DATE_EPOCH", "1767225600")
	got, err := releaseTime(t.Context())
	if want := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC); err != nil || got != want {
		t.Errorf("want %v, got %v, %v", want, got, err)
	}
	t.Setenv("SOURCE_DATE_EPOCH", "yesterday")
	if _, err := releaseTime(t.Context()); err == nil || !strings.HasPrefix(err.Error(), "parsing SOURCE_DATE_EPOCH: ") {
		t.Errorf("want an error about SOURCE_DATE_EPOCH, got %v", err)
	}
}
