// Package storage holds the tests of the commands with which the chart's pods
// copy objects: they are taken from rendered recipes and run on this machine,
// against a server that speaks pre-authenticated requests and a real
// S3-compatible one.
package storage

import (
	"os"
	"os/exec"
	"testing"
)

// tool is the path of a program. Without it the test is skipped, in CI it fails.
func tool(t *testing.T, name, from string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil && os.Getenv("CI") != "" {
		t.Fatalf("no %s on the PATH, and CI allows no skip: %s", name, from)
	} else if err != nil {
		t.Skipf("no %s on the PATH: %s", name, from)
	}
	return path
}

const (
	installPython = "install Python 3.11 or newer"
	makeTools     = "run `make bin/rclone bin/versitygw` and put bin on the PATH"
)
