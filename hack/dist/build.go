package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

const versionVariable = "github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd.releaseVersion"

// linkFlags are those of the Makefile: without debug information, and with functions
// aligned to 8 bytes instead of 32, which makes the binary 1.5% smaller.
const linkFlags = "-s -w -funcalign=8"

// buildBinary builds the plugin for one platform, and returns its bytes. Its flags are those of `make
// build`, so that both share the build cache.
func buildBinary(ctx context.Context, p *platform, version, output string) ([]byte, error) {
	c := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false",
		"-ldflags="+linkFlags+" -X "+versionVariable+"="+version, "-o", output, "./cmd/kubectl-blueprint")
	c.Env = buildEnvironment(p)
	c.Stderr = os.Stderr
	if err := c.Run(); err != nil {
		return nil, fmt.Errorf("running go build: %w", err)
	}
	binary, err := os.ReadFile(output)
	if err != nil {
		return nil, fmt.Errorf("reading the binary: %w", err)
	}
	return binary, nil
}

// buildEnvironment returns the environment of go commands for a platform,
// without the machine's settings that would change their output.
func buildEnvironment(p *platform) []string {
	return append(os.Environ(), "GOOS="+p.os, "GOARCH="+p.arch, "CGO_ENABLED=0",
		"GOFLAGS=-mod=readonly", "GOWORK=off", "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=", "GOFIPS140=off")
}

// releaseTime is the time of all archive entries: SOURCE_DATE_EPOCH, or else of
// the commit, or else, without either, the earliest that a zip can hold.
func releaseTime(ctx context.Context) (time.Time, error) {
	text, from := os.Getenv("SOURCE_DATE_EPOCH"), "SOURCE_DATE_EPOCH"
	if text == "" {
		out, err := exec.CommandContext(ctx, "git", "log", "-1", "--format=%ct").Output()
		if err != nil {
			return time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC), nil
		}
		text, from = strings.TrimSpace(string(out)), "the commit's time"
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("parsing %s: %w", from, err)
	}
	return time.Unix(seconds, 0).UTC(), nil
}
