// Package system_test tests the plugin as a whole against a real control plane:
// deploys that are killed, cut, stopped, delayed and interrupted, answers that are
// hostile, and secret values that must not appear in any output. It runs the
// plugin as a process and calls no package of it but to compare results.
package system_test

import (
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/canary"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// canaries are the marked secret values of these tests.
var canaries = canary.Values()

// TestMain lets tests start the plugin.
func TestMain(m *testing.M) { plugin.Main(m) }
