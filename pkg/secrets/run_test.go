package secrets

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// TestUnreachableIsOneError has every way in which no operation of a batch can
// get to the server.
func TestUnreachableIsOneError(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	c := newCluster(t)
	withoutCredentials := func(change func(*rest.Config)) func(*rest.Config) {
		return func(config *rest.Config) {
			config.CertData, config.KeyData = nil, nil
			config.CertFile, config.KeyFile = "", ""
			change(config)
		}
	}
	payloads := map[string]string{
		"create": many(ActionCreate, 300, func(int) string { return canary }),
		"update": many(ActionUpdate, 300, func(int) string { return canary }),
		"few":    list(opaque(ActionUpdate, "a", "k", canary), opaque(ActionApply, "b", "k", canary)),
		"delete": list(slicesOf(300, remove)...),
		"one":    opaque(ActionCreate, "a", "k", canary),
	}
	for _, tt := range []struct {
		name string
		c    cluster
		want string
	}{
		{"nobody listens", c.as(nowhere), "connection refused"},
		{"unknown user", c.as(withoutCredentials(func(config *rest.Config) { config.BearerToken = "wrong" })), "Unauthorized"},
		{"unknown CA", c.as(func(config *rest.Config) { config.CAData, config.CAFile = nil, "" }), "certificate"},
		{"no credentials", c.as(withoutCredentials(func(config *rest.Config) {
			config.ExecProvider = &clientcmdapi.ExecConfig{
				Command: "false", APIVersion: "client.authentication.k8s.io/v1", InteractiveMode: clientcmdapi.NeverExecInteractiveMode}
		})), "exec: executable false failed"},
		{"cable cut", c.through(func(http.RoundTripper, *http.Request) (*http.Response, error) {
			requests.Add(1)
			return nil, errors.New("cut at " + canary)
		}), "cut at "},
	} {
		for kind, payload := range payloads {
			for _, allOrNothing := range []bool{false, true} {
				batch := tt.c.batch(payload)
				batch.AllOrNothing = allOrNothing
				report, err := batch.Run(t.Context())
				if len(report.Results) > 0 || err == nil || !strings.Contains(err.Error(), tt.want) || strings.Count(err.Error(), "\n") > 0 {
					t.Errorf("%s, %s: Run gives %d results, %v, want one error with %q", tt.name, kind, len(report.Results), err, tt.want)
				}
				if err != nil && kind != "delete" { // which has no values
					wantNoCanary(t, "the error", err.Error())
				}
			}
		}
	}
	if n, most := int(requests.Load()), 2*len(payloads)*2*DefaultInFlight; n < 1 || n > most {
		t.Errorf("%d requests until the runs gave up, want at most %d", n, most)
	}
	if names := c.names(); len(names) > 0 {
		t.Errorf("Secrets were written: %v", names)
	}
}

// TestOneUnreachableOperation has a load balancer with one dead backend: what
// was written is reported.
func TestOneUnreachableOperation(t *testing.T) {
	t.Parallel()
	var requests atomic.Int64
	c := newCluster(t)
	flaky := c.through(func(next http.RoundTripper, req *http.Request) (*http.Response, error) {
		if requests.Add(1) == 50 { // when the others have had answers
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
		}
		return next.RoundTrip(req)
	})
	payload := many(ActionCreate, 100, same)
	results, there, failed := flaky.apply(payload), c.names(), 0
	for _, r := range results {
		if there[r.Name] != (r.Status == StatusSuccess) || r.Status == StatusNotAttempted {
			t.Errorf("result is %+v, Secret is there: %t", r, there[r.Name])
		}
		if r.Status == StatusError {
			failed++
			if r.Reason != "NoAnswer" || !strings.Contains(r.Message, "was not created, because the server is unreachable: ") {
				t.Errorf("result is %+v", r)
			}
		}
	}
	if failed != 1 || len(there) != 99 {
		t.Errorf("%d failed, and there are %d Secrets, want 1 and 99", failed, len(there))
	}
	c.apply(payload)
	if got := len(c.names()); got != 100 {
		t.Errorf("%d Secrets after the second run, want 100", got)
	}
}

// TestRunEachOnItsOwn has operations that fail next to operations that succeed,
// and runs the same payload again.
func TestRunEachOnItsOwn(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(list(opaque(ActionCreate, "here", "k", "1"), opaque(ActionCreate, "old", "k", "1"))), success, success)
	payload := list(
		opaque(ActionCreate, "here", "k", "2"), opaque(ActionUpdate, "missing", "k", "2"), remove("missing-too"), opaque(ActionCreate, "new", "k", "2"),
		opaque(ActionApply, "applied", "k", "2"), remove("old"), opaque(ActionCreate, "chain", "k", "1"), opaque(ActionUpdate, "chain", "k", "2"),
	)
	run := func(want ...string) {
		t.Helper()
		report, err := c.batch(payload).Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range report.Results {
			got = append(got, fmt.Sprintf("%s: %s", r.Status, r.Message))
		}
		if diff := cmp.Diff(want, got); diff != "" || report.OK() || report.OperationsProcessed != len(want) || report.Rejected {
			t.Errorf("%d processed, OK %t; results (-want +got):\n%s", report.OperationsProcessed, report.OK(), diff)
		}
	}
	run("error: Secret 'here' already exists", "error: Secret 'missing' does not exist", "error: Secret 'missing-too' does not exist",
		"success: Secret 'new' created successfully", "success: Secret 'applied' created successfully", "success: Secret 'old' deleted successfully",
		"success: Secret 'chain' created successfully", "success: Secret 'chain' updated successfully")
	run("error: Secret 'here' already exists", "error: Secret 'missing' does not exist", "error: Secret 'missing-too' does not exist",
		"error: Secret 'new' already exists", "success: Secret 'applied' is unchanged", "error: Secret 'old' does not exist",
		"error: Secret 'chain' already exists", "success: Secret 'chain' is unchanged")
	wantSecret(t, c.get("here"), corev1.SecretTypeOpaque, map[string]string{"k": "1"})
	wantSecret(t, c.get("chain"), corev1.SecretTypeOpaque, map[string]string{"k": "2"})
}

func TestRunAllOrNothing(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(opaque(ActionCreate, "here", "k", "1")), success)
	run := func(payload string) Report {
		t.Helper()
		batch := c.batch(payload)
		batch.AllOrNothing = true
		report, err := batch.Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return report
	}
	report := run(list(opaque(ActionCreate, "here", "k", "2"), opaque(ActionCreate, "new", "k", "2"), opaque(ActionUpdate, "here", "k", "2")))
	wantOutcomes(t, report.Results,
		outcome{StatusError, "AlreadyExists", "Secret 'here' already exists"},
		outcome{StatusNotAttempted, "BatchRefused", "Secret 'new' was not created: another operation failed the dry run"},
		outcome{StatusNotAttempted, "BatchRefused", "Secret 'here' was not updated: another operation failed the dry run"})
	if !report.Rejected || report.OperationsProcessed != 1 || c.names()["new"] {
		t.Errorf("report is %+v, Secrets are %v", report, c.names())
	}
	wantSecret(t, c.get("here"), corev1.SecretTypeOpaque, map[string]string{"k": "1"})
	if report := run(opaque(ActionCreate, "here", "k", "2")); !report.Rejected {
		t.Errorf("report is %+v, want it rejected", report)
	}

	report = run(list(opaque(ActionUpdate, "here", "k", "2"), opaque(ActionCreate, "new", "k", "2")))
	wantOutcomes(t, report.Results, outcome{Status: StatusSuccess, Words: "Secret 'here' updated successfully"}, outcome{Status: StatusSuccess, Words: "Secret 'new' created successfully"})
	if report.Rejected || !c.names()["new"] {
		t.Errorf("report is %+v, Secrets are %v", report, c.names())
	}
}

// TestSecretsInUse has deletes of Secrets in use fail, and nothing else.
func TestSecretsInUse(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	names := []string{"a", "b", "c"}
	for _, name := range names {
		wantOutcomes(t, c.apply(opaque(ActionCreate, name, "k", "1")), success)
	}
	protected := func(payload string) *Batch {
		batch := c.batch(payload)
		batch.InUse = map[string]string{}
		for _, name := range batch.Removed() {
			if name != "c" {
				batch.InUse[name] = "deployment.apps/web"
			}
		}
		return batch
	}
	inUse := outcome{StatusError, "InUse", "Secret 'a' is in use by deployment.apps/web"}
	missing := outcome{StatusError, "NotFound", "Secret 'gone' does not exist"}
	payload := list(remove("a"), remove("gone"), remove("b"), opaque(ActionCreate, "b", "k", "2"), remove("c"))
	if got := c.batch(payload).Removed(); !slices.Equal(got, []string{"a", "gone", "c"}) {
		t.Errorf("Removed gives %v", got)
	}
	checked, err := protected(payload).Check(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	wantOutcomes(t, checked, inUse, missing, success, success, success)
	wantOutcomes(t, applied(t, protected(payload)), inUse, missing, success, success, success)
	if there := c.names(); !there["a"] || !there["b"] || there["c"] {
		t.Errorf("Secrets are %v, want a and b", there)
	}
	forced := protected(remove("a"))
	forced.Force = true
	wantOutcomes(t, applied(t, forced), success)
}

// TestRunCanceledBeforeItsStart writes nothing and says so.
func TestRunCanceledBeforeItsStart(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	report, err := c.batch(list(opaque(ActionCreate, "a", "k", "v"), opaque(ActionApply, "b", "k", "v"))).Run(ctx)
	if err != nil || report.OperationsProcessed != 0 {
		t.Fatalf("Run gives %+v, %v", report, err)
	}
	canceled := outcome{StatusNotAttempted, "Canceled", "canceled"}
	wantOutcomes(t, report.Results, canceled, canceled)
}
