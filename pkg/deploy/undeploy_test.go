package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/blueprint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// keeps makes a recipe whose volume stays after it is removed.
const keeps = `, "pvcs": {"retain_after_undeploy": true, "volumes": [{"name": "data", "mount_location": "/data", "volume_size_in_gbs": 1}]}`

// undeploy removes what a target refers to and returns what was reported.
func (f *fixture) undeploy(target, text string, o UndeployOptions) ([]string, error) {
	f.t.Helper()
	found, missing := f.find(target, text)
	if missing != nil && !errors.As(missing, new(NotDeployedError)) {
		f.t.Fatal(missing)
	}
	var lines []string
	o.Removed = func(name string, result release.UninstallResult) error {
		lines = append(lines, name+" kept "+strings.Join(result.Kept, ","))
		return nil
	}
	o.VolumeRemoved = func(id string) error {
		lines = append(lines, id)
		return nil
	}
	err := Undeploy(f.t.Context(), f.releases, found, missing, o)
	return lines, err
}

// find returns what a name refers to, or with "-" the recipe in text.
func (f *fixture) find(target, text string) ([]Deployed, error) {
	if target != "-" {
		return FindDeployed(f.releases, f.Cluster.Namespace, []string{target}, nil)
	}
	var waves [][]*blueprint.Workload
	for _, wave := range read(f.t, f.Blueprint, text) {
		waves = append(waves, nil)
		for _, r := range wave {
			waves[len(waves)-1] = append(waves[len(waves)-1], r.Workload)
		}
	}
	return FindDeployed(f.releases, f.Cluster.Namespace, nil, waves)
}

// TestUndeploySeveral removes the named releases that exist and reports the others.
func TestUndeploySeveral(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deploy(recipe("a", ""))
	f.deploy(recipe("b", ""))
	found, missing := FindDeployed(f.releases, f.Cluster.Namespace, []string{"a", "x", "recipe-b", "y"}, nil)
	if missing == nil || missing.Error() != fmt.Sprintf("\"x\" is not deployed in namespace %s\n\"y\" is not deployed in namespace %[1]s", f.Cluster.Namespace) {
		t.Errorf("got %v", missing)
	}
	if got := Selector(found); got != "app.kubernetes.io/instance in (recipe-a,recipe-b)" {
		t.Errorf("got %s", got)
	}
	removed := []string{}
	o := UndeployOptions{Removed: func(name string, _ release.UninstallResult) error {
		removed = append(removed, name)
		return nil
	}}
	if err := Undeploy(t.Context(), f.releases, found, missing, o); !errors.Is(err, missing) || !slices.Equal(removed, []string{"recipe-a", "recipe-b"}) {
		t.Errorf("removed %q, got %v", removed, err)
	}
}

// TestUndeploy removes a group of which one member is not deployed.
func TestUndeploy(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deploy(recipe("db", keeps))
	f.deploy(recipe("web", ""))
	f.deploy(recipe("other", keeps))
	text := group(`{"name": "web", "depends_on": ["db", "none"], "recipe": `+recipe("web", "")+`}`,
		`{"name": "db", "recipe": `+recipe("db", keeps)+`}`, `{"name": "none", "recipe": `+recipe("none", "")+`}`)
	want := []string{"recipe-web kept ", "recipe-db kept persistentvolumeclaim/recipe-db-data"}
	wantAll := []string{"recipe-web kept ", "recipe-db kept "} // the volume is removed with its release
	for _, c := range []struct {
		how  release.UninstallOptions
		want []string
	}{
		{release.UninstallOptions{DryRun: true}, want},
		{release.UninstallOptions{DryRun: true, Volumes: true}, wantAll},
		{release.UninstallOptions{}, want},
	} {
		lines, err := f.undeploy("-", text, UndeployOptions{UninstallOptions: c.how})
		if diff := cmp.Diff(c.want, lines); diff != "" || err != nil {
			t.Errorf("%+v: unexpected reports (-want +got), %v:\n%s", c.how, err, diff)
		}
	}
	if got := f.history("recipe-db")[0] + ", " + f.history("recipe-other")[0]; got != "not found, 1 deployed" {
		t.Errorf("got %s", got)
	}
}

// TestUndeployVolumes removes volumes of a recipe that was removed before, by its name or
// by its file.
func TestUndeployVolumes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	claims := kubetest.Client(t).CoreV1().PersistentVolumeClaims(f.Cluster.Namespace)
	all := release.UninstallOptions{Volumes: true, Timeout: 30 * time.Second}
	f.deploy(recipe("other", keeps))
	for target, text := range map[string]string{"my db": "", "-": recipe("my db", keeps)} {
		f.deploy(recipe("my db", keeps))
		if _, err := f.undeploy("my db", "", UndeployOptions{UninstallOptions: release.UninstallOptions{Timeout: 30 * time.Second}}); err != nil {
			t.Fatal(err)
		}
		found, err := f.find(target, text)
		if !errors.As(err, new(NotDeployedError)) {
			t.Fatalf("%s: got %v, want NotDeployedError", target, err)
		}
		left, err := LeftVolumes(t.Context(), f.releases, found)
		if err != nil || len(left) != 1 || left[0].ID() != "persistentvolumeclaim/recipe-my-db-data" || left[0].Release != "recipe-my-db" {
			t.Errorf("%s: got %v, %v", target, left, err)
		}
		lines, err := f.undeploy(target, text, UndeployOptions{UninstallOptions: all})
		if err != nil || !slices.Equal(lines, []string{"persistentvolumeclaim/recipe-my-db-data"}) {
			t.Errorf("%s: got %q, %v", target, lines, err)
		}
		if _, err := claims.Get(t.Context(), "recipe-my-db-data", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
			t.Errorf("%s: got %v, want the claim gone", target, err)
		}
		if lines, err := f.undeploy(target, text, UndeployOptions{UninstallOptions: all}); !errors.As(err, new(NotDeployedError)) || lines != nil {
			t.Errorf("%s: got %q, %v, want NotDeployedError", target, lines, err)
		}
	}
	if _, err := claims.Get(t.Context(), "recipe-other-data", metav1.GetOptions{}); err != nil {
		t.Error(err)
	}
}

// TestVolumesOfOtherCharts has a claim of a Helm release that is not a recipe.
func TestVolumesOfOtherCharts(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	claim := &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{
			Name: "data", Labels: map[string]string{"app.kubernetes.io/managed-by": "Helm"},
			Annotations: map[string]string{"meta.helm.sh/release-name": "foreign", "meta.helm.sh/release-namespace": f.Cluster.Namespace},
		},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteOnce},
			Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
	}
	if _, err := kubetest.Client(t).CoreV1().PersistentVolumeClaims(f.Cluster.Namespace).Create(t.Context(), claim, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if all, err := f.releases.Volumes(t.Context()); err != nil || len(all) != 1 || all[0].Release != "foreign" {
		t.Fatalf("got %v, %v, want the claim", all, err)
	}
	left, err := LeftVolumes(t.Context(), f.releases, []Deployed{{DeploymentName: "foreign"}, {Release: "foreign"}})
	if err != nil || len(left) > 0 {
		t.Errorf("got %v, %v, want no volume of another chart", left, err)
	}
}

// TestUndeployStops has an error after the first release, and an interrupt.
func TestUndeployStops(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deploy(recipe("a", ""))
	f.deploy(recipe("b", ""))
	found := []Deployed{{Release: "recipe-a"}, {Release: "recipe-b"}}
	interrupted, cancel := context.WithCancel(t.Context())
	cancel()
	if err := Undeploy(interrupted, f.releases, found, nil, UndeployOptions{}); err == nil || !strings.HasPrefix(err.Error(), "interrupted; release recipe-a is partly removed: ") {
		t.Errorf("got %v", err)
	}
	closed := errors.New("closed")
	o := UndeployOptions{Removed: func(string, release.UninstallResult) error { return closed }}
	if err := Undeploy(t.Context(), f.releases, found, nil, o); !errors.Is(err, closed) {
		t.Errorf("got %v, want that of the report", err)
	}
	if got := f.history("recipe-b"); !slices.Equal(got, []string{"1 deployed"}) {
		t.Errorf("got revisions %q of recipe-b", got)
	}
}
