package diff_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

func markdown(t *testing.T, releases ...diff.Release) string {
	t.Helper()
	var text strings.Builder
	if err := diff.Markdown(&text, releases); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func configMap(text string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: " + text
}

func TestMarkdown(t *testing.T) {
	t.Parallel()
	secret := func(value string) string {
		return "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {key: " + value + "}"
	}
	before := strings.ReplaceAll(deployment("1", recreate, gpu), "i:1", "a.example/i@sha256:1")
	got := markdown(t,
		diff.New("recipe-a", []dryrun.Outcome{
			outcome(t, dryrun.Configured, before, deployment("1", recreate, gpuMore)),
			outcome(t, dryrun.Configured, secret("Zmlyc3Qtc2VjcmV0"), secret("c2Vjb25kLXNlY3JldA==")),
			outcome(t, dryrun.Unchanged, configMap("x"), configMap("x")),
		}, false),
		diff.New("recipe-b", []dryrun.Outcome{outcome(t, dryrun.Unchanged, configMap("x"), configMap("x"))}, false),
		diff.New("recipe-c", []dryrun.Outcome{outcome(t, dryrun.Created, "", configMap("'````'"))}, false),
	)
	const want = `<!-- kubectl-blueprint-diff -->
### Preview of the deploy

| Release | Changes | Pods to restart or stop | GPUs |
| --- | --- | --- | --- |
| 'recipe-a' | 2 to update, 1 unchanged | 1 | nvidia.com/gpu: 2 → 4 (+2) |
| 'recipe-c' | 1 to create | 0 |  |

<details>
<summary><b>recipe-a</b>: 2 to update, 1 unchanged</summary>

|  | Object | Effects |
| --- | --- | --- |
| '~' | 'object' | restarts 1 pod (with downtime)<br>'image of main: a.example/i@sha256:1 → i:2' |
| '~' | 'object' |  |

'''diff
diff live/object deployed/object
--- live/object
+++ deployed/object
@@ -9,8 +9,8 @@
   template:
     spec:
       containers:
-      - image: a.example/i@sha256:1
+      - image: i:2
         name: main
         resources:
           limits:
-            nvidia.com/gpu: "2"
+            nvidia.com/gpu: "4"
diff live/object deployed/object
--- live/object
+++ deployed/object
@@ -1,6 +1,6 @@
 apiVersion: v1
 data:
-  key: '*** (before)'
+  key: '*** (after)'
 kind: Secret
 metadata:
   name: s
'''

</details>
`
	head, tail, _ := strings.Cut(got, "\n<details>\n<summary><b>recipe-c</b>: 1 to create</summary>\n")
	if diff := cmp.Diff(want, strings.ReplaceAll(head, "`", "'")); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if !strings.Contains(tail, "\n`````diff\n") || !strings.HasSuffix(tail, "\n`````\n\n</details>\n\n1 release unchanged.\n") {
		t.Errorf("the fence is not longer than the backquotes of the diff, or the end is missing:\n%s", tail)
	}
}

func TestMarkdownWithoutChanges(t *testing.T) {
	t.Parallel()
	got := markdown(t, diff.New("recipe-b", []dryrun.Outcome{outcome(t, dryrun.Unchanged, configMap("x"), configMap("x"))}, false))
	if want := diff.MarkdownMarker + "\n### Preview of the deploy\n\n1 release unchanged.\n"; got != want {
		t.Errorf("got:\n%s", got)
	}
}

// TestMarkdownCells puts what has a meaning in Markdown into a table.
func TestMarkdownCells(t *testing.T) {
	t.Parallel()
	one, two := deployment("1", rolling, `image: "i:1"`), deployment("1", rolling, `image: "a|b`+"``"+`<img>"`)
	got := markdown(t, diff.New("r", []dryrun.Outcome{outcome(t, dryrun.Configured, one, two)}, false))
	if want := "<br>```image of main: i:1 → a\\|b``<img>``` |\n"; !strings.Contains(got, want) {
		t.Errorf("got:\n%s", got)
	}
}

// TestMarkdownFits has a diff that no comment can hold.
func TestMarkdownFits(t *testing.T) {
	t.Parallel()
	large := diff.New("large", []dryrun.Outcome{outcome(t, dryrun.Created, "", configMap("\n  b: 1\n  c: |\n    "+strings.Repeat("0123456789\n    ", 10_000)))}, false)
	small := diff.New("small", []dryrun.Outcome{outcome(t, dryrun.Created, "", configMap("fits"))}, false)
	got := markdown(t, large, small)
	if len(got) > 65_536 || !strings.Contains(got, "The unified diff has 10012 lines, too many for a comment.") || !strings.Contains(got, "+  a: fits") {
		t.Errorf("%d bytes:\n%s", len(got), got[:min(len(got), 1000)])
	}
	many := make([]diff.Release, 2000)
	for i := range many {
		many[i] = small
	}
	if got := markdown(t, many...); len(got) > 65_536 || !strings.Contains(got, "releases do not fit into a comment.") || !strings.Contains(got, " more releases |") {
		t.Errorf("%d bytes", len(got))
	}
}
