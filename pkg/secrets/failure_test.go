package secrets

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
)

func TestApplyCanceledTellsTheTruth(t *testing.T) {
	t.Parallel()
	const total, cancelAt = 200, 20
	ctx, cancel := context.WithCancel(context.Background())
	var started atomic.Int64
	c := newCluster(t)
	slow := c.through(func(next http.RoundTripper, req *http.Request) (*http.Response, error) {
		if started.Add(1) == cancelAt {
			cancel()
		}
		time.Sleep(10 * time.Millisecond) // so that some are in flight
		return next.RoundTrip(req)
	})
	var ops []string
	for i := range total {
		ops = append(ops, opaque(ActionCreate, fmt.Sprintf("s%d", i), "k", "v"))
	}
	results, err := slow.batch(list(ops...)).Apply(ctx)
	if err != nil {
		t.Fatal(err)
	}
	names, done := c.names(), 0
	for _, r := range results {
		switch {
		case r.Status == StatusSuccess && names[r.Name]:
			done++
		case r.Status == StatusNotAttempted && !names[r.Name] && r.Reason == "Canceled":
		default:
			t.Errorf("result is %+v, Secret exists: %t", r, names[r.Name])
		}
	}
	if done < cancelAt || done > cancelAt+DefaultInFlight || done != int(started.Load()) {
		t.Errorf("%d done of %d started, want %d and those in flight", done, started.Load(), cancelAt)
	}
	if report := NewReport(results); report.OperationsProcessed != done || len(report.Results) != total || report.OK() {
		t.Errorf("report has %d processed of %d, OK %t", report.OperationsProcessed, len(report.Results), report.OK())
	}
}

func TestApplyLostAnswer(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	lossy := c.through(func(next http.RoundTripper, req *http.Request) (*http.Response, error) {
		response, err := next.RoundTrip(req)
		if err == nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
		return nil, errors.New("the cable is cut")
	})
	wantOutcomes(t, lossy.apply(opaque(ActionCreate, "a", "k", "v")),
		outcome{StatusError, "NoAnswer", "Secret 'a' may or may not have been created, because the server's response was lost: "})
	if !c.names()["a"] {
		t.Error("the Secret was not created: this tests nothing")
	}
}

func nowhere(config *rest.Config) { config.Host = "https://127.0.0.1:1" }

func TestApplyWithoutRights(t *testing.T) {
	t.Parallel()
	c := newCluster(t).as(func(config *rest.Config) { config.Impersonate.UserName = "nobody" })
	payload := list(opaque(ActionCreate, "a", "k", canary), opaque(ActionUpdate, "b", "k", canary), remove("c"))
	want := func(done string) outcome {
		return outcome{StatusError, "Forbidden", `could not be ` + done + `: secrets`}
	}
	for _, results := range [][]Result{c.check(payload), c.apply(payload)} {
		wantOutcomes(t, results, want("created"), want("updated"), want("deleted"))
		for i, verb := range []string{"create", "patch", "delete"} {
			if words := `User "nobody" cannot ` + verb + ` resource "secrets"`; !strings.Contains(results[i].Message, words) {
				t.Errorf("message is %q, want the server's words", results[i].Message)
			}
		}
	}
}

func TestApplyUnknownNamespace(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	c.namespace = "no-such-namespace"
	payload := list(opaque(ActionCreate, "a", "k", "v"), opaque(ActionCreate, "a", "k", "v"))
	want := outcome{StatusError, "NotFound", `could not be created: namespaces "no-such-namespace" not found`}
	wantOutcomes(t, c.check(payload), want, want)
	wantOutcomes(t, c.apply(payload), want, want)

	// To these the server says only that the Secret is missing.
	payload = list(opaque(ActionUpdate, "a", "k", "v"), remove("b"))
	for _, results := range [][]Result{c.check(payload), c.apply(payload)} {
		wantOutcomes(t, results,
			outcome{StatusError, "NotFound", `could not be updated: namespaces "no-such-namespace" not found`},
			outcome{StatusError, "NotFound", `could not be deleted: namespaces "no-such-namespace" not found`})
	}
}

func TestApplyDeletesOnlyTheSecretItLookedAt(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(opaque(ActionCreate, "a", "k", "1")), success)
	var once sync.Once
	racing := c.through(func(next http.RoundTripper, req *http.Request) (*http.Response, error) {
		if req.Method == http.MethodDelete { // somebody else is quicker
			once.Do(func() {
				wantOutcomes(t, c.apply(list(remove("a"), opaque(ActionCreate, "a", "k", "2"))), success, success)
			})
		}
		return next.RoundTrip(req)
	})
	wantOutcomes(t, racing.apply(`{"name":"a","action":"delete","type":"opaque"}`),
		outcome{StatusError, "Conflict", "Secret 'a' could not be deleted: "})
	wantSecret(t, c.get("a"), corev1.SecretTypeOpaque, map[string]string{"k": "2"})
}
