package deploy

import (
	"maps"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// readsThree is a service whose variables come from three Secrets.
const readsThree = `, "recipe_environment_secrets": [{"envvar_name": "A", "secret_name": "a", "secret_key": "k"},
	{"envvar_name": "B", "secret_name": "b", "secret_key": "k"}, {"envvar_name": "C", "secret_name": "c", "secret_key": "k"}]`

// deployedWith returns a release that was deployed with versions of Secrets.
func deployedWith(versions map[string]any) *release.Release {
	return &release.Release{Values: map[string]any{"cluster": map[string]any{"secretVersions": versions}}}
}

func TestPin(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	a := secret(t, f.Cluster.Namespace, "a", "x").ResourceVersion
	stranger := connect(t, f.Cluster.Namespace, "nobody")
	for name, c := range map[string]struct {
		user     string
		changing []string
		existing *release.Release
		want     map[string]string
	}{
		"first deploy":     {want: map[string]string{"a": a}},
		"about to change":  {changing: []string{"b"}, want: map[string]string{"a": a, "b": "about to change"}},
		"missing by now":   {existing: deployedWith(map[string]any{"a": "1", "b": "2"}), want: map[string]string{"a": a, "b": "2"}},
		"unreadable":       {user: "nobody", existing: deployedWith(map[string]any{"a": "1", "z": "3"}), want: map[string]string{"a": "1"}},
		"never readable":   {user: "nobody", existing: &release.Release{}, want: map[string]string{}},
		"unreadable, ours": {user: "nobody", changing: []string{"a"}, want: map[string]string{"a": "about to change"}},
	} {
		cluster := f.Cluster
		if c.user != "" {
			cluster = stranger
		}
		versions, err := newSecretVersions(cluster, c.changing)
		if err != nil {
			t.Fatal(err)
		}
		r := read(t, f.Blueprint, recipe("app", readsThree))[0][0]
		before := r.Manifests.String()
		r.Existing = c.existing
		if err := versions.pin(t.Context(), f.Blueprint, r); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := pinned(&release.Release{Values: r.Values}); !maps.Equal(got, c.want) {
			t.Errorf("%s: got %v, want %v", name, got, c.want)
		}
		if changed := r.Manifests.String() != before; changed != (len(c.want) > 0) {
			t.Errorf("%s: the manifests changed: %t", name, changed)
		}
	}
}

// TestPinsOnlyWhatPodsRead has a service without Secrets, whose values stay as they are.
func TestPinsOnlyWhatPodsRead(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	versions, err := newSecretVersions(f.Cluster, []string{"a"})
	if err != nil {
		t.Fatal(err)
	}
	r := read(t, f.Blueprint, recipe("app", ""))[0][0]
	if err := versions.pin(t.Context(), f.Blueprint, r); err != nil || r.Values["cluster"] != nil {
		t.Errorf("got %v, %v", r.Values["cluster"], err)
	}
}

// TestRotatedSecretRestartsPods deploys again after a Secret that pods read has changed.
func TestRotatedSecretRestartsPods(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	secret(t, f.Cluster.Namespace, "a", "x")
	text := recipe("app", `, "recipe_environment_secrets": [{"envvar_name": "A", "secret_name": "a", "secret_key": "k"}]`)
	f.deploy(text)
	if r := f.prepared(text); !r.UpToDate() {
		t.Errorf("not up to date: %v", r.Diff(false).Summary())
	}
	patch := []byte(`{"stringData": {"k": "y"}}`)
	changed, err := kubetest.Client(t).CoreV1().Secrets(f.Cluster.Namespace).Patch(t.Context(), "a", types.MergePatchType, patch, metav1.PatchOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r := f.prepared(text)
	if changes := r.Diff(false); r.UpToDate() || !changes.Disruptive() {
		t.Errorf("does not restart pods: %v", changes.Summary())
	}
	f.Payload, _ = payload(t, f.Cluster, `[{"name": "a", "action": "update", "type": "opaque", "data": {"k": "z"}}]`)
	if r = f.prepared(text); !strings.Contains(r.Manifests.String(), aboutToChange) {
		t.Errorf("the manifests are not those of a changing Secret:\n%s", r.Manifests)
	}
	if err := f.ApplyPayload(t.Context(), []*Release{r}); err != nil {
		t.Fatal(err)
	}
	live, err := kubetest.Client(t).CoreV1().Secrets(f.Cluster.Namespace).Get(t.Context(), "a", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got := pinned(&release.Release{Values: r.Values})["a"]; got != live.ResourceVersion || got == changed.ResourceVersion {
		t.Errorf("got version %s, want %s", got, live.ResourceVersion)
	}
}
