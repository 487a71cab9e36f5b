package release

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/release"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/genericclioptions"
	"k8s.io/client-go/rest"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/ownership"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// serverClient returns a client of the test cluster. Releases are stored as HELM_DRIVER
// says, or in memory if inMemory is set, as a stand-in for a SQL database.
func serverClient(t *testing.T, namespace string, inMemory bool) *Client {
	t.Helper()
	kubeconfig := kubetest.Kubeconfig(t)
	flags := genericclioptions.NewConfigFlags(false)
	flags.KubeConfig, flags.Namespace = &kubeconfig, &namespace
	flags.WrapConfigFn = func(config *rest.Config) *rest.Config { config.QPS = -1; return config }
	c, err := NewClient(flags, namespace)
	if err != nil {
		t.Fatal(err)
	}
	if inMemory {
		c.store, c.storageResource = newMemory(namespace), ""
	}
	return c
}

// manifestChart is a chart whose manifest is the value of manifest.
func manifestChart() *chart.Chart {
	return &chart.Chart{
		Metadata:  &chart.Metadata{APIVersion: "v2", Name: "blueprint", Version: "0.1.0"},
		Templates: []*chart.File{{Name: "templates/a.yaml", Data: []byte("{{ .Values.manifest }}")}},
	}
}

func deployManifest(t *testing.T, c *Client, documents ...string) error {
	t.Helper()
	_, err := c.Deploy(t.Context(), manifestChart(), "r", map[string]any{"manifest": strings.Join(documents, "---\n")}, nil)
	return err
}

// invalid is a ConfigMap that the server refuses. Its name sorts it behind others.
const invalid = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: z-invalid}\ndata: {\"no key\": a}\n"

// configMaps returns the ConfigMaps of release r with their data, sorted.
func configMaps(t *testing.T, namespace string) []string {
	t.Helper()
	found, err := kubetest.Client(t).CoreV1().ConfigMaps(namespace).List(t.Context(), metav1.ListOptions{LabelSelector: ownership.HelmSelector})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, one := range found.Items {
		all = append(all, fmt.Sprintf("%s %v", one.Name, one.Data))
	}
	slices.Sort(all)
	return all
}

func expectConfigMaps(t *testing.T, namespace string, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, configMaps(t, namespace)); diff != "" {
		t.Errorf("unexpected ConfigMaps (-want +got):\n%s", diff)
	}
}

// TestStateMachine takes a release through each state, with each kind of storage.
func TestStateMachine(t *testing.T) {
	for _, storage := range []string{"memory", "secret", "configmap"} {
		t.Run(storage, func(t *testing.T) {
			inMemory := storage == "memory"
			if !inMemory {
				t.Setenv("HELM_DRIVER", storage)
			}
			namespace := kubetest.Namespace(t)
			c := serverClient(t, namespace, inMemory)
			history := func(want ...string) {
				t.Helper()
				found, err := c.History("r")
				if err != nil {
					t.Fatal(err)
				}
				var got []string
				for _, one := range found {
					got = append(got, fmt.Sprintf("%d %s", one.Revision, one.Status))
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("unexpected history (-want +got):\n%s", diff)
				}
			}
			if err := deployManifest(t, c, configMap("a", "x: one, old: one"), configMap("b", "")); err != nil {
				t.Fatal(err)
			}
			history("1 deployed")

			// A failed upgrade leaves its objects and fields, and does not replace revision 1.
			if err := deployManifest(t, c, configMap("a", "x: two, failed: two"), configMap("c", ""), invalid); err == nil {
				t.Fatal("the server accepted an invalid ConfigMap")
			}
			history("1 deployed", "2 failed")
			expectConfigMaps(t, namespace, "a map[failed:two x:two]", "b map[]", "c map[]")

			// The next one removes them.
			if err := deployManifest(t, c, configMap("a", "x: three"), configMap("d", "")); err != nil {
				t.Fatal(err)
			}
			history("1 superseded", "2 failed", "3 deployed")
			expectConfigMaps(t, namespace, "a map[x:three]", "d map[]")

			rolledBack, err := c.Rollback(t.Context(), "r", 0, nil)
			if err != nil || rolledBack.Revision != 4 || rolledBack.Description != "Rollback to 1" {
				t.Errorf("got %+v, %v, want a rollback to revision 1", rolledBack, err)
			}
			history("1 superseded", "2 failed", "3 superseded", "4 deployed")
			expectConfigMaps(t, namespace, "a map[old:one x:one]", "b map[]")
			if _, err := c.Rollback(t.Context(), "r", 2, nil); !errors.Is(err, ErrNoRevision) {
				t.Errorf("rollback to a failed revision: got %v, want ErrNoRevision", err)
			}

			found, err := c.Uninstall(t.Context(), "r", UninstallOptions{DryRun: true})
			if err != nil || !slices.Equal(found.Deleted, []string{"configmap/a", "configmap/b"}) {
				t.Errorf("dry run: got %v, %v", found, err)
			}
			history("1 superseded", "2 failed", "3 superseded", "4 deployed")
			found, err = c.Uninstall(t.Context(), "r", UninstallOptions{Timeout: 30 * time.Second})
			if err != nil || !slices.Equal(found.Deleted, []string{"configmap/a", "configmap/b"}) {
				t.Errorf("got %v, %v", found, err)
			}
			expectConfigMaps(t, namespace)
			if _, err := c.History("r"); !errors.Is(err, ErrNotFound) {
				t.Errorf("got %v, want ErrNotFound", err)
			}
			if records := len(records(t, namespace)); records != 0 {
				t.Errorf("%d records are left", records)
			}
		})
	}
}

// records returns the names of the Secrets that store releases.
func records(t *testing.T, namespace string) []string {
	t.Helper()
	found, err := kubetest.Client(t).CoreV1().Secrets(namespace).List(t.Context(), metav1.ListOptions{LabelSelector: "owner=helm"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, one := range found.Items {
		names = append(names, one.Name)
	}
	return names
}

// TestFailedInstallIsContinued has a first revision that fails: the second one is
// compared with it, because nothing was ever deployed.
func TestFailedInstallIsContinued(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	c := serverClient(t, namespace, false)
	if err := deployManifest(t, c, configMap("a", "x: one, old: one"), configMap("b", ""), invalid); err == nil {
		t.Fatal("the server accepted an invalid ConfigMap")
	}
	expectConfigMaps(t, namespace, "a map[old:one x:one]", "b map[]")
	if err := deployManifest(t, c, configMap("a", "x: two")); err != nil {
		t.Fatal(err)
	}
	expectConfigMaps(t, namespace, "a map[x:two]")
}

// TestObjectsOfOthersAreLeftAlone has objects of the names that a release has, or had,
// which belong to something else.
func TestObjectsOfOthersAreLeftAlone(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	c := serverClient(t, namespace, false)
	live := kubetest.Client(t).CoreV1().ConfigMaps(namespace)
	if err := deployManifest(t, c, configMap("a", ""), configMap("pruned", ""), configMap("removed", "")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"pruned", "removed", "taken"} {
		_ = live.Delete(t.Context(), name, metav1.DeleteOptions{})
		if _, err := live.Create(t.Context(), &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: name}}, metav1.CreateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := deployManifest(t, c, configMap("a", ""), configMap("removed", "")); err == nil || !strings.Contains(err.Error(), "configmap/removed already exists and is not part of this release") {
		t.Errorf("got %v, want an error that names configmap/removed", err)
	}
	if err := deployManifest(t, c, configMap("a", ""), configMap("taken", "")); err == nil || !strings.Contains(err.Error(), `"taken"`) {
		t.Errorf("got %v, want an error that names taken", err)
	}
	found, err := c.Uninstall(t.Context(), "r", UninstallOptions{})
	if err != nil || !slices.Equal(found.Deleted, []string{"configmap/a"}) {
		t.Errorf("got %v, %v, want configmap/a only", found, err)
	}
	for _, name := range []string{"pruned", "removed", "taken"} {
		if _, err := live.Get(t.Context(), name, metav1.GetOptions{}); err != nil {
			t.Error(err)
		}
	}
}

// TestObjectsToKeep has objects with Helm's annotation, of which claims go with
// UninstallOptions.Volumes.
func TestObjectsToKeep(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	c := serverClient(t, namespace, false)
	const keep = "annotations: {helm.sh/resource-policy: keep}"
	documents := []string{
		"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, " + keep + "}\n",
		"apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: a, " + keep + "}\nspec: {accessModes: [ReadWriteOnce], storageClassName: none, resources: {requests: {storage: 1Gi}}}\n",
	}
	for _, test := range []struct {
		volumes       bool
		deleted, kept []string
	}{
		{false, nil, []string{"persistentvolumeclaim/a", "configmap/a"}},
		{true, []string{"persistentvolumeclaim/a"}, []string{"configmap/a"}},
	} {
		if err := deployManifest(t, c, documents...); err != nil {
			t.Fatal(err)
		}
		found, err := c.Uninstall(t.Context(), "r", UninstallOptions{Volumes: test.volumes, Timeout: 30 * time.Second})
		if err != nil || !slices.Equal(found.Deleted, test.deleted) || !slices.Equal(found.Kept, test.kept) {
			t.Errorf("volumes=%v: got %v, %v, want %v deleted and %v kept", test.volumes, found, err, test.deleted, test.kept)
		}
	}
}

// TestFailedJobRunsAgain has a Job that failed, which an update of its fields would not
// start again.
func TestFailedJobRunsAgain(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	c := serverClient(t, namespace, false)
	job := "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\nspec: {activeDeadlineSeconds: 1, template: {spec: {restartPolicy: Never, nodeSelector: {no: such}, containers: [{name: a, image: a}]}}}\n"
	if err := deployManifest(t, c, job); err != nil {
		t.Fatal(err)
	}
	jobs := kubetest.Client(t).BatchV1().Jobs(namespace)
	first, err := jobs.Get(t.Context(), "a", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := deployManifest(t, c, job); err != nil {
		t.Fatal(err)
	}
	if again, err := jobs.Get(t.Context(), "a", metav1.GetOptions{}); err != nil || again.UID != first.UID {
		t.Errorf("got %v, want the Job that is not finished to stay", err)
	}
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(200 * time.Millisecond) {
		live, err := jobs.Get(t.Context(), "a", metav1.GetOptions{})
		if err != nil || time.Now().After(deadline) {
			t.Fatalf("the Job does not fail: %v, %v", live, err)
		}
		if slices.ContainsFunc(live.Status.Conditions, func(c batchv1.JobCondition) bool { return c.Type == batchv1.JobFailed }) {
			break
		}
	}
	if err := deployManifest(t, c, job); err != nil {
		t.Fatal(err)
	}
	if again, err := jobs.Get(t.Context(), "a", metav1.GetOptions{}); err != nil || again.UID == first.UID {
		t.Errorf("got %v, want another Job", err)
	}
}

// TestOneRunTakesOver has several runs find the record of the same killed run.
func TestOneRunTakesOver(t *testing.T) {
	for _, storage := range []string{"secret", "configmap"} {
		t.Run(storage, func(t *testing.T) {
			t.Setenv("HELM_DRIVER", storage)
			namespace := kubetest.Namespace(t)
			c := serverClient(t, namespace, false)
			killed, err := c.newRun(t.Context(), "r")
			if err != nil {
				t.Fatal(err)
			}
			one := record(1, release.StatusPendingInstall)
			if err := (storageDriver{killed.store, killed}).Create(recordKey(one), one); err != nil {
				t.Fatal(err)
			}
			killed.lease.release()
			last, err := killed.store.Get(recordKey(one))
			if err != nil {
				t.Fatal(err)
			}
			seen, err := killed.unchangedVersion(last, "")
			if err != nil {
				t.Fatal(err)
			}
			const runs = 8
			errs := make([]error, runs)
			ids := make([]string, runs)
			var all sync.WaitGroup
			for i := range runs {
				all.Go(func() {
					r, err := c.newRun(t.Context(), "r")
					if err == nil {
						ids[i] = r.id
						err = r.retry(func() error { return r.takeOver(last, seen) })
					}
					errs[i] = err
				})
			}
			all.Wait()
			found, err := killed.store.Get(recordKey(one))
			if err != nil {
				t.Fatal(err)
			}
			won := 0
			for i, err := range errs {
				switch {
				case err == nil && found.Labels[runLabel] == ids[i]:
					won++
				case !errors.Is(err, ErrBusy):
					t.Errorf("got %v, want ErrBusy for all but one", err)
				}
			}
			if won != 1 {
				t.Errorf("%d runs took over, want 1", won)
			}
			// The killed run is only slow: it must not overwrite the record.
			one.SetStatus(release.StatusDeployed, "Install complete")
			if err := (storageDriver{killed.store, killed}).Update(recordKey(one), one); !errors.Is(err, ErrLost) {
				t.Errorf("got %v, want ErrLost", err)
			}
		})
	}
}

// TestConditionalDriver has two readers of a record, both of which write it.
func TestConditionalDriver(t *testing.T) {
	for _, storage := range []string{"secret", "configmap"} {
		t.Run(storage, func(t *testing.T) {
			t.Setenv("HELM_DRIVER", storage)
			c := serverClient(t, kubetest.Namespace(t), false)
			var runs [2]*run
			for i := range runs {
				var err error
				if runs[i], err = c.newRun(t.Context(), "r"); err != nil {
					t.Fatal(err)
				}
			}
			one := record(1, release.StatusDeployed)
			key := recordKey(one)
			if err := runs[0].store.Create(key, one); err != nil {
				t.Fatal(err)
			}
			if err := runs[0].store.Update(key, one); err == nil || !strings.Contains(err.Error(), "it was not read before") {
				t.Errorf("update without a read: got %v", err)
			}
			for _, r := range runs {
				if _, err := r.store.Get(key); err != nil {
					t.Fatal(err)
				}
			}
			if err := runs[0].store.Update(key, one); err != nil {
				t.Errorf("first update: got %v", err)
			}
			if err := runs[1].store.Update(key, one); !apierrors.IsConflict(err) {
				t.Errorf("update of a changed record: got %v, want a conflict", err)
			}
			if err := runs[0].store.Update(key, one); err == nil {
				t.Error("second update after one read succeeded")
			}
		})
	}
}

// TestInterruptedRunChangesNothing has a context that is canceled before the run.
func TestInterruptedRunChangesNothing(t *testing.T) {
	t.Parallel()
	namespace := kubetest.Namespace(t)
	c := serverClient(t, namespace, false)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	if _, err := c.Deploy(ctx, manifestChart(), "r", map[string]any{"manifest": configMap("a", "")}, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	expectConfigMaps(t, namespace)
	if got := records(t, namespace); len(got) != 0 {
		t.Errorf("got records %q, want none", got)
	}
}
