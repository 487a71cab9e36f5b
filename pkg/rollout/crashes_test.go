package rollout_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/signature"
)

// nodeLogs answers requests for logs in place of the simulated node, which has none.
type nodeLogs struct {
	next    http.RoundTripper
	log     string
	queries *[]string
}

func (n nodeLogs) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.URL.Path, "/log") {
		return n.next.RoundTrip(r)
	}
	log := n.log
	if r.URL.Query().Get("follow") == "true" { // for the progress of the next run
		log = ""
	} else {
		*n.queries = append(*n.queries, r.URL.RawQuery)
	}
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"text/plain"}}, Body: io.NopCloser(strings.NewReader(log)), Request: r}, nil
}

const (
	onceCrashed = `containerStatuses: [{name: main, ready: false, restartCount: 0, image: x, imageID: x, state: {terminated: {exitCode: 1, reason: Error}, running: null}}]`
	backOff     = `containerStatuses: [{name: main, ready: false, restartCount: COUNT, image: x, imageID: x,
		state: {waiting: {reason: CrashLoopBackOff, message: back-off}, running: null}, lastState: {terminated: {exitCode: 1, reason: Error}}}]`
	restarted = `containerStatuses: [{name: main, ready: false, restartCount: 1, image: x, imageID: x,
		state: {running: {}}, lastState: {terminated: {exitCode: 1, reason: Error}}}]`
)

// crashed watches a Deployment until its failure. As soon as its pod is ready, the
// container crashes with the given status and log.
func crashed(t *testing.T, status, log string, redact func(string) string) (*rollout.Failure, []string) {
	t.Helper()
	queries, err := watchCrash(t, status, log, redact)
	var failure *rollout.Failure
	if !errors.As(err, &failure) {
		t.Fatalf("got %v", err)
	}
	return failure, queries
}

// watchCrash is crashed for a watch that may succeed.
func watchCrash(t *testing.T, status, log string, redact func(string) string) ([]string, error) {
	t.Helper()
	f := newFixture(t, spec(deployment))
	var queries []string
	f.config.Wrap(func(next http.RoundTripper) http.RoundTripper { return nodeLogs{next, log, &queries} })
	f.target.Redact = func(_ context.Context, _ *corev1.PodSpec, lines []string) []string {
		return strings.Split(redact(strings.Join(lines, "\n")), "\n")
	}
	done := false
	_, err := f.watch(10*time.Second, func(c rollout.Change) {
		if strings.HasPrefix(c.Object, "pod/") && c.Container == "" && c.State == rollout.Ready && !done {
			done = true
			f.patch(f.pod(), "{"+notReady+status+"}")
		}
	})
	return queries, err
}

func unchanged(log string) string { return log }

func signatureLog(t *testing.T, id string) string {
	t.Helper()
	text, err := os.ReadFile("../signature/testdata/" + id + ".log")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestSignatureEndsTheWatch reports the cause that the log names at the first crash.
func TestSignatureEndsTheWatch(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]string{"crashed": onceCrashed, "restarted": restarted, "backs off": strings.Replace(backOff, "COUNT", "1", 1)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			failure, queries := crashed(t, status, signatureLog(t, "max-model-len-exceeds-memory"), unchanged)
			const want = "the context length does not fit into the remaining GPU memory (max-model-len-exceeds-memory)"
			if failure.Cause != "terminal" || failure.Text() != want || failure.Signature != "max-model-len-exceeds-memory" || failure.Message == want ||
				!strings.HasSuffix(failure.Error(), ": container main: "+want) {
				t.Errorf("got %v, %+v", failure, failure.Status)
			}
			if r := failure.Remediation; r.Field != "Pod.spec.containers.args" || len(r.Hints) != 2 ||
				r.Hints[0].Text != "set --max-model-len 18432, or request more GPUs and set --tensor-parallel-size" || !strings.Contains(r.Hints[1].String(), " logs web-") {
				t.Errorf("remediation is %+v", r)
			}
			var text strings.Builder
			progress.PrintFailure(&text, "web", &progress.Failure{Failure: failure})
			if !strings.Contains(text.String(), "\n  cause:   "+want+"\n           ValueError: To serve at least one request") {
				t.Errorf("printed\n%s", text.String())
			}
			log := failure.Details[len(failure.Details)-1]
			if len(log.Lines) != 11 || !strings.Contains(log.Lines[5], "estimated maximum model length is 18432") {
				t.Errorf("details are %q", log)
			}
			previous := name != "crashed"
			if len(queries) != 1 || !strings.Contains(queries[0], "tailLines=1000") || !strings.Contains(queries[0], "limitBytes=1048576") || strings.Contains(queries[0], "previous=true") != previous {
				t.Errorf("requests are %q", queries)
			}
		})
	}
}

// TestSignatureOfTheNode keeps waiting, and suggests to look at the node.
func TestSignatureOfTheNode(t *testing.T) {
	t.Parallel()
	failure, _ := crashed(t, onceCrashed, signatureLog(t, "gpu-ecc-error"), unchanged)
	if failure.Cause != "timeout" || failure.Signature != "gpu-ecc-error" || failure.Remediation.Field != "" {
		t.Errorf("got %+v", failure)
	}
	if !slices.ContainsFunc(failure.Unfinished, func(s rollout.Status) bool { return s.Container == "main" && s.State == rollout.Degraded }) {
		t.Errorf("unfinished are %+v", failure.Unfinished)
	}
	if hints := failure.Remediation.Hints; len(hints) != 3 || !strings.Contains(hints[1].String(), "another node may work") || !strings.Contains(hints[1].String(), " describe node ") {
		t.Errorf("hints are %q", failure.Remediation.Hints)
	}
}

// TestTransientSignature ends the watch after three crashes, as without a signature.
func TestTransientSignature(t *testing.T) {
	t.Parallel()
	for count, cause := range map[string]string{"1": "timeout", "2": "terminal"} {
		failure, _ := crashed(t, strings.Replace(backOff, "COUNT", count, 1), signatureLog(t, "huggingface-rate-limit"), unchanged)
		if failure.Cause != cause || failure.Signature != "huggingface-rate-limit" {
			t.Errorf("%s restarts: got %+v", count, failure)
		}
	}
}

// TestLogWithoutSignature shows the last 20 lines.
func TestLogWithoutSignature(t *testing.T) {
	t.Parallel()
	failure, _ := crashed(t, strings.Replace(backOff, "COUNT", "2", 1), signatureLog(t, "none-wrappers"), unchanged)
	log := failure.Details[len(failure.Details)-1]
	if failure.Signature != "" || failure.Reason != "CrashLoopBackOff" || len(log.Lines) != 20 || !strings.Contains(log.Lines[19], "See root cause above") {
		t.Errorf("got %+v", failure)
	}
}

// TestLongLog reads no more of a log than was asked for, even if the node sends more, and
// then requests fewer lines for their end.
func TestLongLog(t *testing.T) {
	t.Parallel()
	failure, queries := crashed(t, strings.Replace(backOff, "COUNT", "2", 1), strings.Repeat("loading\n", signature.MaxBytes/len("loading\n"))+"beyond the limit\n", unchanged)
	log := failure.Details[len(failure.Details)-1]
	if last := log.Lines[len(log.Lines)-1]; last != "loading" {
		t.Errorf("read %q", last)
	}
	if len(queries) != 3 || !strings.Contains(queries[1], "tailLines=100&") && !strings.HasSuffix(queries[1], "tailLines=100") {
		t.Errorf("requests are %q", queries)
	}
}

// TestSignatureOfKilledContainer prefers what the kubelet reports: a container that it
// killed has no cause in its log.
func TestSignatureOfKilledContainer(t *testing.T) {
	t.Parallel()
	status := strings.NewReplacer("COUNT", "2", "exitCode: 1, reason: Error", "exitCode: 137, reason: OOMKilled").Replace(backOff)
	failure, _ := crashed(t, status, signatureLog(t, "disk-full"), unchanged)
	if failure.Signature != "" || failure.Remediation.Field != "Pod.spec.containers.resources.limits[memory]" {
		t.Errorf("got %+v", failure)
	}
}

// TestSignatureOfEvictedPod waits for the pod that replaces one whose node ended it: the
// node's disk may have been full for another pod.
func TestSignatureOfEvictedPod(t *testing.T) {
	t.Parallel()
	status := `phase: Failed, reason: Evicted, message: "The node was low on resource: ephemeral-storage. ", ` + onceCrashed
	if queries, err := watchCrash(t, status, signatureLog(t, "disk-full"), unchanged); err != nil || len(queries) != 0 {
		t.Errorf("got %v, requests %q", err, queries)
	}
}

// TestSignatureWithoutValues redacts the log before a signature quotes it, and what the
// signature quotes of a value with colors.
func TestSignatureWithoutValues(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"c4n4ry", "c4\x1b[1mn4\x1b[0mry"} {
		log := "token c4n4ry\nPermissionError: [Errno 13] Permission denied: '/.cache/" + value + "/x'\nexit\n"
		failure, _ := crashed(t, onceCrashed, log, func(text string) string { return strings.ReplaceAll(text, "c4n4ry", "***") })
		if failure.SignatureLine() != "PermissionError: [Errno 13] Permission denied: '/.cache/***/x'" || failure.Text() != "the program is not permitted to write to /.cache/***/x (cache-directory-denied)" || strings.Contains(failure.Details[len(failure.Details)-1].Lines[0], "c4n4ry") {
			t.Errorf("%q: got %v, %+v", value, failure, failure.Details)
		}
	}
}
