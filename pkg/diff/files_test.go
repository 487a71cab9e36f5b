package diff_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

func TestFields(t *testing.T) {
	t.Parallel()
	config := func(fields string) string {
		return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n" + fields
	}
	for name, c := range map[string]struct {
		live, predicted string
		want            []string
	}{
		"a value":         {`data: {a: "1", b: "1"}`, `data: {a: "2", b: "1"}`, []string{"data.a"}},
		"a dot":           {`data: {a.b/c: "1"}`, `data: {a.b/c: "2"}`, []string{`data.a\.b/c`}},
		"one comes":       {`data: {}`, `data: {a: "1"}`, []string{"data.a"}},
		"one goes":        {`data: {a: {b: "1"}}`, `data: {}`, []string{"data.a"}},
		"another sort":    {`data: {a: {b: "1"}}`, `data: {a: [1]}`, []string{"data.a"}},
		"a named item":    {`x: [{name: a, v: 1}, {name: b, v: 1}]`, `x: [{name: b, v: 2}, {name: a, v: 1}, {name: c}]`, []string{"x[b].v", "x[c]"}},
		"only the order":  {`x: [{name: a}, {name: b}]`, `x: [{name: b}, {name: a}]`, []string{"x"}},
		"items by number": {`x: [1, 2]`, `x: [1, 3, 4]`, []string{"x[1]", "x[2]"}},
		"a name twice":    {`x: [{name: a, v: 1}, {name: a, v: 2}]`, `x: [{name: a, v: 1}, {name: a, v: 3}]`, []string{"x[1].v"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := diff.New("r", []dryrun.Outcome{outcome(t, dryrun.Configured, config(c.live), config(c.predicted))}, false)
			if diff := cmp.Diff(c.want, r.Changes[0].Fields); diff != "" {
				t.Errorf("fields (-want +got):\n%s", diff)
			}
		})
	}
}

// TestDiffHasNoNoise compares objects as servers answer them.
func TestDiffHasNoNoise(t *testing.T) {
	t.Parallel()
	const service = `
apiVersion: v1
kind: Service
metadata:
  name: s
  uid: %
  resourceVersion: "%"
  generation: %
  creationTimestamp: "2026-01-0%T00:00:00Z"
  managedFields: [{manager: m%}]
  annotations: {kubectl.kubernetes.io/last-applied-configuration: "%"}
spec: {clusterIP: 10.0.0.%, clusterIPs: [10.0.0.%], healthCheckNodePort: 3000%, ports: [{port: 80, nodePort: 3000%}]}
status: {n: %}`
	const run = `
apiVersion: batch/v1
kind: Job
metadata: {name: j}
spec:
  selector: {matchLabels: {batch.kubernetes.io/controller-uid: "%"}}
  template: {metadata: {labels: {controller-uid: "%", batch.kubernetes.io/controller-uid: "%", job-name: j}}}`
	numbered := func(text, n string) string { return strings.ReplaceAll(text, "%", n) }
	of := func(verb dryrun.Verb, live, predicted string) string {
		return diffs(t, diff.New("r", []dryrun.Outcome{outcome(t, verb, live, predicted)}, false))
	}

	got := of(dryrun.Configured, numbered(service, "1"), strings.Replace(numbered(service, "1"), "nodePort: 30001", "nodePort: 30002", 1))
	if !strings.Contains(got, "+  - nodePort: 30002") || strings.Contains(got, "uid") || strings.Contains(got, "status") {
		t.Errorf("got\n%s", got)
	}
	for name, text := range map[string]string{"Service": service, "Job": run} {
		one, two := of(dryrun.Created, "", numbered(text, "1")), of(dryrun.Created, "", numbered(text, "2"))
		if diff := cmp.Diff(one, two); diff != "" || !strings.Contains(one, "+kind: "+name) {
			t.Errorf("two dry runs of a new %s differ:\n%s", name, diff)
		}
	}
	headless := of(dryrun.Created, "", strings.Replace(numbered(service, "1"), "clusterIP: 10.0.0.1", "clusterIP: None", 1))
	if !strings.Contains(headless, "+  clusterIP: None") {
		t.Errorf("got\n%s", headless)
	}
}

// TestDiffMovesNoCursor has text in an object that would.
func TestDiffMovesNoCursor(t *testing.T) {
	t.Parallel()
	const config = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: \"x\\e[2J\\u202e\\ty\", b: \"\\u200bb\"}"
	got := diffs(t, diff.New("r", []dryrun.Outcome{outcome(t, dryrun.Created, "", config)}, false))
	if strings.ContainsAny(got, "\x1b\u202e\u200b\r") || !strings.Contains(got, "[2J") {
		t.Errorf("got %q", got)
	}
}
