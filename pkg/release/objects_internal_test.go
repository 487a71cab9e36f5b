package release

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/kube"
	"helm.sh/helm/v3/pkg/release"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/cli-runtime/pkg/resource"
	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/objref"
)

// ids returns the ids of objects, joined by spaces.
func ids(all []*unstructured.Unstructured) string {
	var list []string
	for _, o := range all {
		list = append(list, objref.ID(o))
	}
	return strings.Join(list, " ")
}

// object decodes one YAML document.
func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &o.Object); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestObjects(t *testing.T) {
	t.Parallel()
	var manifest strings.Builder
	for _, name := range []string{"k", "a", "j", "b", "i", "c", "h", "d", "g", "e", "f"} { // more than nine
		manifest.WriteString("---\n" + configMap(name, ""))
	}
	manifest.WriteString("---\n# comment\n---\nnot: an object\n---\n[1]\n---\n{broken\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: last}\ndata:\n  text: |\n    line\n")
	got := (&Release{Manifest: manifest.String()}).Objects()
	want := "configmap/k configmap/a configmap/j configmap/b configmap/i configmap/c configmap/h configmap/d configmap/g configmap/e configmap/f configmap/last"
	if ids(got) != want {
		t.Errorf("got %s, want %s", ids(got), want)
	}
	if text, _, _ := unstructured.NestedString(got[len(got)-1].Object, "data", "text"); text != "line\n" {
		t.Errorf("got %q, want the line break that ends the block", text)
	}
}

// TestObjectsOfUnfinishedRevisions has what may be in the cluster, what of it an upgrade
// prunes first, and what a failed revision left behind.
func TestObjectsOfUnfinishedRevisions(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		past              []*release.Release
		applied, orphaned string
	}{
		"none":     {nil, "", ""},
		"deployed": {[]*release.Release{record(1, release.StatusSuperseded, "old"), record(2, release.StatusDeployed, "a", "b")}, "configmap/a configmap/b", ""},
		"failed after deployed": {
			[]*release.Release{record(1, release.StatusSuperseded, "old"), record(2, release.StatusDeployed, "a", "b"), record(3, release.StatusFailed, "b", "c"), record(4, release.StatusFailed, "d")},
			"configmap/a configmap/b configmap/c configmap/d", "configmap/c configmap/d",
		},
		"never deployed": {[]*release.Release{record(1, release.StatusFailed, "a"), record(2, release.StatusFailed, "b", "a")}, "configmap/a configmap/b", "configmap/a configmap/b"},
		"removal failed": {[]*release.Release{record(1, release.StatusSuperseded, "a", "b"), record(2, release.StatusFailed, "b")}, "configmap/a configmap/b", "configmap/a configmap/b"},
	} {
		r, _ := memoryRun(t, test.past...)
		if err := r.loadHistory(); err != nil {
			t.Fatal(err)
		}
		if got := ids(appliedObjects(sinceDeployed(r.past))); got != test.applied {
			t.Errorf("%s: applied are %s, want %s", name, got, test.applied)
		}
		if got := ids(r.orphaned()); got != test.orphaned {
			t.Errorf("%s: orphaned are %s, want %s", name, got, test.orphaned)
		}
		if test.past == nil {
			continue
		}
		if got, err := r.Get("r"); err != nil || ids(got.AppliedObjects()) != test.applied {
			t.Errorf("%s: an upgrade is compared with %s, %v, want %s", name, ids(got.AppliedObjects()), err, test.applied)
		}
	}
}

func TestSubtract(t *testing.T) {
	t.Parallel()
	all := objects("---\n" + configMap("a", "") + "---\n" + configMap("b", "") + "---\n" + configMap("c", ""))
	if got := ids(subtract(all, all[1:2])); got != "configmap/a configmap/c" {
		t.Errorf("got %s", got)
	}
	if got := ids(all); got != "configmap/a configmap/b configmap/c" {
		t.Errorf("the list became %s", got)
	}
}

// TestMerge has the fields that two revisions have set, either of which a killed run may
// have applied.
func TestMerge(t *testing.T) {
	t.Parallel()
	const deployment = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {containers: [%]}}}\n"
	for name, test := range map[string]struct{ below, above, want string }{
		"maps": {configMap("a", "x: below, y: below"), configMap("a", "y: above, z: above"), configMap("a", "x: below, y: above, z: above")},
		"containers by name": {
			strings.ReplaceAll(deployment, "%", "{name: m, image: old, env: [{name: A, value: a}]}, {name: side, image: s}"),
			strings.ReplaceAll(deployment, "%", "{name: m, image: new, env: [{name: B, value: b}]}"),
			strings.ReplaceAll(deployment, "%", "{name: m, image: new, env: [{name: B, value: b}, {name: A, value: a}]}, {name: side, image: s}"),
		},
		"custom resource": {
			"{apiVersion: x.io/v1, kind: X, metadata: {name: a}, spec: {keep: 1, list: [1, 2], deep: {a: 1}}}",
			"{apiVersion: x.io/v1, kind: X, metadata: {name: a}, spec: {list: [3], deep: {b: 2}}}",
			"{apiVersion: x.io/v1, kind: X, metadata: {name: a}, spec: {keep: 1, list: [3], deep: {a: 1, b: 2}}}",
		},
		"another version": {
			"{apiVersion: batch/v1beta1, kind: CronJob, metadata: {name: a}, spec: {schedule: s, suspend: true}}",
			"{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {schedule: t}}",
			"{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {schedule: t, suspend: true}}",
		},
		"fields of the wrong type": {
			"{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {spec: {containers: text}}}}",
			strings.ReplaceAll(deployment, "%", "{name: m}"),
			strings.ReplaceAll(deployment, "%", "{name: m}"),
		},
	} {
		below := object(t, test.below)
		got := merge(below, object(t, test.above))
		if diff := cmp.Diff(object(t, test.want).Object, got.Object); diff != "" {
			t.Errorf("%s: unexpected fields (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(object(t, test.below).Object, below.Object); diff != "" {
			t.Errorf("%s: changed its argument (-want +got):\n%s", name, diff)
		}
	}
}

// resources returns the objects of a manifest as Helm's client has them.
func resources(manifest string) kube.ResourceList {
	var list kube.ResourceList
	for _, o := range objects(manifest) {
		list = append(list, &resource.Info{Name: o.GetName(), Object: o})
	}
	return list
}

func TestLastApplied(t *testing.T) {
	t.Parallel()
	r, _ := memoryRun(t)
	deployed, killed := record(1, release.StatusDeployed), record(2, release.StatusFailed)
	deployed.Manifest, killed.Manifest = configMap("a", "one: x, both: x"), configMap("a", "two: y, both: y")
	r.past = []*release.Release{deployed, killed}
	target := resources("---\n" + configMap("new", "three: z") + "---\n" + configMap("a", "three: z"))
	got := r.lastApplied(target)
	want := []string{configMap("new", "three: z"), configMap("a", "one: x, two: y, both: y")}
	if len(got) != len(want) {
		t.Fatalf("got %d objects, want %d", len(got), len(want))
	}
	for i, o := range unstructuredOf(got) {
		if diff := cmp.Diff(object(t, want[i]).Object, o.Object); diff != "" {
			t.Errorf("unexpected fields of %s (-want +got):\n%s", objref.ID(o), diff)
		}
	}
	if o := unstructuredOf(target)[1]; o.Object["data"].(map[string]any)["three"] != "z" || unstructuredOf(got)[0] == unstructuredOf(target)[0] {
		t.Errorf("the target is shared or became %v", o.Object)
	}
}

func TestFailedJob(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"{apiVersion: batch/v1, kind: Job}": false,
		"{apiVersion: batch/v1, kind: Job, status: {conditions: [{type: Complete, status: 'True'}]}}":                                  false,
		"{apiVersion: batch/v1, kind: Job, status: {conditions: [{type: Failed, status: 'False'}]}}":                                   false,
		"{apiVersion: batch/v1, kind: Job, status: {conditions: [{type: Suspended, status: 'True'}, {type: Failed, status: 'True'}]}}": true,
		"{apiVersion: batch/v1, kind: Job, status: {conditions: [{type: FailureTarget, status: 'True'}]}}":                             true,
		"{apiVersion: v1, kind: Pod, status: {conditions: [{type: Failed, status: 'True'}]}}":                                          false,
	} {
		if got := failedJob(object(t, text)); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}
