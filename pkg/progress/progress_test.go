package progress

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/cli-runtime/pkg/genericiooptions"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
)

// at is the time of all changes, in a zone that JSON does not show.
var at = time.Date(2026, 11, 1, 12, 0, 0, 0, time.FixedZone("CET", 3600))

// change returns a change of a pod, or of its container if that is named.
func change(container string, state rollout.State, reason, message string) rollout.Change {
	return rollout.Change{Time: at, Status: rollout.Status{Object: "pod/web-1", Container: container, State: state, Reason: reason, Message: message, Node: "n1"}}
}

// pullFailure returns a failure with everything that a failure can have.
func pullFailure() *Failure {
	status := change("main", rollout.Failed, "ErrImagePull", "401 Unauthorized").Status
	return &Failure{
		Line: "web.json:3:5", Key: "recipe_image_uri",
		Failure: &rollout.Failure{
			Status: status, Cause: "pull", After: "not started within 30m0s",
			Details:     []rollout.Detail{{From: "events", Lines: []string{"Failed: a\x1b[2Jb"}}, {From: "log", Lines: []string{"one\r", "two"}}},
			Remediation: rollout.Remediation{Hints: []hint.Hint{{Text: "list the pods", Command: hint.Kubectl("get", "pods")}}},
			Unfinished:  []rollout.Status{status, {Object: "deployment.apps/web", Message: "0/1 available"}},
		},
	}
}

// timeout returns the failure of a release that was not ready in time.
func timeout() *Failure {
	f := pullFailure()
	f.Failure = &rollout.Failure{Status: f.Status, Cause: "timeout", Unfinished: f.Unfinished}
	f.Line = ""
	return f
}

// recovered returns the failure of an upgrade.
func recovered(key, line string, serving rollout.Serving, revision int) *Failure {
	return &Failure{
		Failure: &rollout.Failure{Cause: "terminal", Serving: serving}, Key: key, Line: line,
		Recovery: Recovery{File: "web.json", Revision: revision, Undo: hint.Hint{Text: "or roll back", Command: hint.Blueprint("rollback", "web")}},
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	streams, _, out, errOut := genericiooptions.NewTestIOStreams()
	p := New(streams, "")
	o := p.Observer("web")
	for _, c := range []rollout.Change{
		{Time: at, Note: "connection lost"},
		change("", rollout.Waiting, "", ""),
		change("", rollout.Waiting, "Unschedulable", "no node\nfits"),
		change("main", rollout.Ready, "", ""),
		change("main", rollout.Degraded, "ErrImagePull", "not found"),
		change("main", rollout.Degraded, "ImagePullBackOff", "not found"),
		change("main", rollout.Degraded, "ErrImagePull", "not found"),
		change("", rollout.Ready, "", ""),
		change("", rollout.Deleted, "", ""),
	} {
		o.Change(c)
	}
	o.Tree([]rollout.Status{change("", rollout.Ready, "", "").Status})
	if _, err := p.Streams().ErrOut.Write([]byte("from elsewhere\n")); err != nil {
		t.Fatal(err)
	}
	ended, deployed := p.Ready("web", nil), p.Deployed("web", nil)
	p.Close()
	if ended != nil || deployed != nil {
		t.Errorf("errors %v, %v", ended, deployed)
	}
	want := `connection lost
pod/web-1: Unschedulable: no node\nfits
pod/web-1: container main: ErrImagePull: not found
pod/web-1: ready
pod/web-1: deleted
from elsewhere
`
	if diff := cmp.Diff(want, errOut.String()); diff != "" {
		t.Errorf("stderr (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("web deployed\n", out.String()); diff != "" {
		t.Errorf("stdout (-want +got):\n%s", diff)
	}
}

func TestLinesEndWithTheFailure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		failure *Failure
		want    string
	}{{pullFailure(), "web: rollout failed"}, {timeout(), "web: timed out"}} {
		streams, _, out, errOut := genericiooptions.NewTestIOStreams()
		err := New(streams, "").End("web", c.failure)
		if err == nil || err.Error() != c.want {
			t.Errorf("error is %v, want %s", err, c.want)
		}
		var printed strings.Builder
		PrintFailure(&printed, "web", c.failure)
		if diff := cmp.Diff(printed.String(), errOut.String()); diff != "" || out.Len() > 0 {
			t.Errorf("stdout %q, stderr (-want +got):\n%s", out, diff)
		}
	}
}

func TestPrintFailure(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		failure *Failure
		want    string
	}{
		{pullFailure(), `web: rollout failed
  where:   pod/web-1, container main, node n1
  cause:   ErrImagePull: 401 Unauthorized
  timeout: not started within 30m0s
  recipe:  web.json:3:5 (recipe_image_uri)
  events:
    Failed: a\x1b[2Jb
  log:
    one
    two
hint: list the pods: kubectl get pods
hint: fix web.json:3:5, then run deploy again
`},
		{timeout(), `web: timed out
  where:   pod/web-1, container main, node n1
  cause:   ErrImagePull: 401 Unauthorized
  also:    deployment.apps/web: 0/1 available
  recipe:  set recipe_image_uri
`},
		{&Failure{Failure: &rollout.Failure{Cause: "interrupted"}}, "web: interrupted\n"},
		{recovered("", "", rollout.Serving{Previous: 1, Desired: 2}, 3), `web: rollout failed
Revision 3 still serves (1 of 2 pods).
hint: fix web.json, then run deploy again
hint: or roll back: kubectl blueprint rollback web
`},
		{recovered("recipe_image_uri", "", rollout.Serving{Previous: 1, Desired: 1}, 0), `web: rollout failed
  recipe:  set recipe_image_uri
The previous revision still serves (1 of 1 pods).
hint: set recipe_image_uri in web.json, then run deploy again
hint: or roll back: kubectl blueprint rollback web
`},
		{recovered("recipe_image_uri", "web.json:1:2", rollout.Serving{Desired: 1}, 3), `web: rollout failed
  recipe:  web.json:1:2 (recipe_image_uri)
Revision 3 no longer serves.
hint: fix web.json:1:2, then run deploy again
hint: or roll back: kubectl blueprint rollback web
`},
		{recovered("recipe_image_uri", "web.json:1:2", rollout.Serving{Newest: 1, Desired: 2}, 3), `web: rollout failed
  recipe:  web.json:1:2 (recipe_image_uri)
hint: fix web.json:1:2, then run deploy again
hint: or roll back: kubectl blueprint rollback web
`},
	} {
		var got strings.Builder
		PrintFailure(&got, "web", c.failure)
		if diff := cmp.Diff(c.want, got.String()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	streams, _, out, errOut := genericiooptions.NewTestIOStreams()
	p := New(streams, "json")
	o := p.Observer("web")
	o.Change(rollout.Change{Time: at, Note: "connection lost"})
	o.Change(change("main", rollout.Degraded, "ErrImagePull", "<not> & \u202efound"))
	o.Change(rollout.Change{Time: at, Status: rollout.Status{Object: "pod/web-1", State: rollout.Deleted}})
	want := `{"apiVersion":"kubectl-blueprint.github.io/v1","type":"note","time":"2026-11-01T11:00:00Z","release":"web","message":"connection lost"}
{"apiVersion":"kubectl-blueprint.github.io/v1","type":"change","time":"2026-11-01T11:00:00Z","release":"web","object":"pod/web-1","container":"main","state":"degraded","reason":"ErrImagePull","message":"<not> & \u202efound","node":"n1"}
{"apiVersion":"kubectl-blueprint.github.io/v1","type":"change","time":"2026-11-01T11:00:00Z","release":"web","object":"pod/web-1","state":"deleted"}
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	out.Reset()
	ready, deployed := p.Ready("web", nil), p.Deployed("web", nil)
	failure := pullFailure()
	failed := p.End("api", failure)
	p.Close()
	if ready != nil || deployed != nil || failed == nil || failed.Error() != failure.Error() {
		t.Errorf("errors %v, %v, %v", ready, deployed, failed)
	}
	var events []progressEvent
	for decoder := json.NewDecoder(out); decoder.More(); {
		var e progressEvent
		if err := decoder.Decode(&e); err != nil {
			t.Fatal(err)
		}
		if e.Time.IsZero() || time.Since(e.Time) > time.Minute {
			t.Errorf("%s has the time %s", e.Type, e.Time)
		}
		events = append(events, e)
	}
	if len(events) != 3 || events[0].Type != "ready" || events[0].Release != "web" || events[1].Type != "deployed" || events[2].Type != "failure" || events[2].Release != "api" {
		t.Fatalf("got %+v", events)
	}
	if got := events[2].Failure; got == nil || got.Line != "web.json:3:5" || got.Cause != "pull" || got.Reason != "ErrImagePull" || len(got.Details) != 2 {
		t.Errorf("got %+v", got)
	}
	if errOut.Len() > 0 {
		t.Errorf("stderr: %s", errOut)
	}
}
