package diff_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

// Marked values: the first and last in base64, as Secrets have them.
const (
	canaryOne   = "canary-one"
	canaryTwo   = "canary-two"
	encodedOne  = "Y2FuYXJ5LW9uZQ=="
	encodedTwo  = "Y2FuYXJ5LXR3bw=="
	encodedNone = "c2hvcnQ="
)

func secret(data, metadata string) string {
	return `
apiVersion: v1
kind: Secret
metadata:
  name: s
  ` + metadata + `
data: {` + data + `}`
}

func TestMask(t *testing.T) {
	t.Parallel()
	pod := func(container string) string { return deployment("1", rolling, container) }
	for name, c := range map[string]struct {
		verb            dryrun.Verb
		live, predicted string
		want            []string // lines of the diff, without their indentation
	}{
		"a value that changes": {dryrun.Configured,
			secret("k: "+encodedOne+", same: "+encodedNone, ""), secret("k: "+encodedTwo+", same: "+encodedNone, ""),
			[]string{"-k: '*** (before)'", "+k: '*** (after)'", "same: '***'"}},
		"a key that goes and one that comes": {dryrun.Configured,
			secret("old: "+encodedOne, ""), secret("new: "+encodedOne, ""), []string{"-old: '***'", "+new: '***'"}},
		"a new Secret": {dryrun.Created, "", secret("k: "+encodedOne, "annotations: {app.kubernetes.io/x: shown, other: hidden}"),
			[]string{"+k: '***'", "+app.kubernetes.io/x: shown", "+other: '***'"}},
		"stringData":          {dryrun.Deleted, secret("", "") + "\nstringData: {k: " + canaryOne + "}", "", []string{"-k: '***'"}},
		"data that is no map": {dryrun.Deleted, "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: " + canaryOne, "", []string{"-data: '***'"}},
		"annotations and labels of a Secret": {dryrun.Configured,
			secret("", "annotations: {example.com/a: "+canaryOne+"}\n  labels: {example.com/b: "+canaryOne+"}"),
			secret("", "annotations: {example.com/a: "+canaryTwo+"}\n  labels: {example.com/b: "+canaryOne+"}"),
			[]string{"-example.com/a: '*** (before)'", "+example.com/a: '*** (after)'", "example.com/b: '***'"}},
		"an environment": {dryrun.Configured,
			pod(`env: [{name: HF_TOKEN, value: ` + canaryOne + `}, {name: MAX_TOKENS, value: "4"}]`),
			pod(`env: [{name: HF_TOKEN, value: ` + canaryTwo + `}, {name: MAX_TOKENS, value: "5"}]`),
			[]string{"-value: '*** (before)'", "+value: '*** (after)'", `-value: "4"`, `+value: "5"`}},
		"arguments": {dryrun.Configured,
			pod(`args: [--api-key, ` + canaryOne + `, "--password=` + canaryOne + `", API_KEY=` + canaryOne + `, --model, m]`),
			pod(`args: [--api-key, ` + canaryTwo + `, "--password=` + canaryTwo + `", API_KEY=` + canaryTwo + `, --model, m2]`),
			[]string{"- --api-key", "-- '*** (before)'", "+- '*** (after)'", "-- --password=*** (before)", "+- --password=*** (after)",
				"-- API_KEY=*** (before)", "- --model", "-- m", "+- m2"}},
		"references are shown": {dryrun.Configured,
			pod(`args: [--api-key, $(KEY)], env: [{name: API_KEY, value: "$(A)"}]`), pod(`args: [--api-key, $(KEY2)], env: [{name: API_KEY, value: ""}]`),
			[]string{"-- $(KEY)", "+- $(KEY2)", "-value: $(A)", `+value: ""`}},
		"keys of other objects": {dryrun.Created, "", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {api-key: " + canaryOne + ", url: u}",
			[]string{"+api-key: '***'", "+url: u"}},
		"kubectl's copy": {dryrun.Deleted,
			secret("", `annotations: {kubectl.kubernetes.io/last-applied-configuration: '{"data":{"k":"`+encodedOne+`"}}'}`), "", []string{"-kind: Secret"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := diff.New("r", []dryrun.Outcome{outcome(t, c.verb, c.live, c.predicted)}, false)
			text := diffs(t, r)
			lines := map[string]bool{}
			for line := range strings.Lines(text) {
				line = strings.TrimSuffix(line, "\n")
				sign := strings.TrimSpace(line[:1])
				lines[sign+strings.TrimSpace(line[1:])] = true
			}
			for _, want := range c.want {
				if !lines[want] {
					t.Errorf("no line %q in\n%s", want, text)
				}
			}
			quiet(t, text, r)
		})
	}
}

// quiet fails t where a review shows a marked value in any way.
func quiet(t *testing.T, text string, r diff.Release) {
	t.Helper()
	entries, err := json.Marshal(r.Changes)
	if err != nil {
		t.Fatal(err)
	}
	all := fmt.Sprint(text, string(entries), r.Summary())
	for _, value := range []string{canaryOne, canaryTwo, encodedOne, encodedTwo} {
		if strings.Contains(all, value) {
			t.Errorf("%s is shown:\n%s", value, all)
		}
	}
}

// TestMaskFindsCopies has the value of one object's Secret in another object.
func TestMaskFindsCopies(t *testing.T) {
	t.Parallel()
	const copies = `
apiVersion: v1
kind: ConfigMap
metadata: {name: c, annotations: {plain: "x canary-one y", encoded: x-Y2FuYXJ5LW9uZQ==}, labels: {name: s-long-name}}
data: {list: "short", %s}`
	outcomes := []dryrun.Outcome{
		outcome(t, dryrun.Deleted, secret("k: "+encodedOne+", short: "+encodedNone+", name: cy1sb25nLW5hbWU=", ""), ""),
		outcome(t, dryrun.Configured, fmt.Sprintf(copies, "url: http://canary-one@h"), fmt.Sprintf(copies, "url: http://canary-one@i")),
		outcome(t, dryrun.Deleted, fmt.Sprintf(copies, "k: v"), ""),
		outcome(t, dryrun.Deleted, strings.Replace(secret("", ""), "name: s", "name: s-long-name", 1), ""),
	}
	r := diff.New("r", outcomes, false)
	text := diffs(t, r)
	for _, want := range []string{"plain: '***'", "encoded: '***'", "list: short", "name: s-long-name", "-  url: '*** (before)'", "+  url: '*** (after)'"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	quiet(t, text, r)
	if diff := cmp.Diff([]string{"data.url"}, r.Changes[1].Fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if shown := diffs(t, diff.New("r", outcomes, true)); !strings.Contains(shown, encodedOne) || !strings.Contains(shown, "x canary-one y") {
		t.Errorf("not shown where that is asked for:\n%s", shown)
	}
}
