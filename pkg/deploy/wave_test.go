package deploy

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/rollout"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// readsNothing makes a recipe whose pod cannot start, as it reads a missing Secret.
const readsNothing = `, "recipe_environment_secrets": [{"envvar_name": "A", "secret_name": "none", "secret_key": "k"}]`

// TestInstallFinishesTheWave deploys a group in which one of two members fails that a
// third depends on.
func TestInstallFinishesTheWave(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	waves := read(t, f.Blueprint, group(`{"name": "works", "recipe": `+recipe("works", "")+`}`, `{"name": "broken", "recipe": `+recipe("broken", readsNothing)+`}`,
		`{"name": "last", "depends_on": ["broken", "works"], "recipe": `+recipe("last", "")+`}`))
	if err := f.Prepare(t.Context(), slices.Concat(waves...), PreflightOff, nil); err != nil {
		t.Fatal(err)
	}
	err := f.Install(t.Context(), waves, f.options())
	failed := (*rollout.Failure)(nil)
	if !errors.As(err, &failed) || failed.Reason != "CreateContainerConfigError" || !strings.Contains(err.Error(), "recipe-broken") {
		t.Fatalf("got %v", err)
	}
	if lines := strings.Split(err.Error(), "\n"); len(lines) != 2 || !strings.HasSuffix(lines[1], ": recipe-last") {
		t.Errorf("got %v, want the failure and what was not deployed", err)
	}
	f.out.has(t, "recipe-works deployed")
	for name, want := range map[string]bool{"recipe-broken": true, "recipe-works": false} {
		if r, err := f.releases.Get(name); err != nil || r.RolloutFailed != want || r.Group != "g" {
			t.Errorf("%s: got %+v, %v, want rollout failed: %t", name, r, err, want)
		}
	}
	if got := f.history("recipe-last"); got[0] != "not found" {
		t.Errorf("recipe-last was installed: %q", got)
	}
}

// TestInstallSaysWhatStillServes upgrades a service so that its new pod cannot start.
func TestInstallSaysWhatStillServes(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	for _, more := range []string{"", readsNothing} {
		waves := read(t, f.Blueprint, recipe("a", more))
		if err := f.Prepare(t.Context(), waves[0], PreflightOff, nil); err != nil {
			t.Fatal(err)
		}
		if err := f.Install(t.Context(), waves, f.options()); (err != nil) != (more != "") {
			t.Fatal(err)
		}
	}
	command := func(words string) string {
		return "kubectl blueprint " + words + " --kubeconfig " + f.Cluster.Flags[1] + " -n " + f.Cluster.Namespace + " "
	}
	f.out.has(t, "Revision 1 still serves (1 of 1 pods).",
		`hint: create Secret "none", then run deploy again:`, command("secrets apply")+"-f - <<'EOF'", `{"name":"none","action":"create","type":"opaque","data":{"k":{"valueFrom":{"env":"K"}}}}`, "EOF",
		"hint: or fix -:1:173, then run deploy again", "hint: or roll back: "+command("rollback")+"recipe-a")
}

// TestInstallWaitsForJobs deploys a group in which a service depends on a job.
func TestInstallWaitsForJobs(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	waves := read(t, f.Blueprint, group(`{"name": "import", "recipe": {"recipe_mode": "job", "deployment_name": "import", "recipe_image_uri": "i"}}`,
		`{"name": "web", "depends_on": ["import"], "recipe": `+recipe("web", "")+`}`))
	if err := f.Prepare(t.Context(), slices.Concat(waves...), PreflightOff, nil); err != nil {
		t.Fatal(err)
	}
	if err := f.Install(t.Context(), waves, f.options()); err != nil {
		t.Fatal(err)
	}
	apps, batch := kubetest.Client(t).AppsV1(), kubetest.Client(t).BatchV1()
	web, err := apps.Deployments(f.Cluster.Namespace).Get(t.Context(), "recipe-web", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	jobs, err := batch.Jobs(f.Cluster.Namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil || len(jobs.Items) != 1 {
		t.Fatalf("got %v, %v", jobs, err)
	}
	if done := jobs.Items[0].Status.CompletionTime; done == nil || web.CreationTimestamp.Before(done) {
		t.Errorf("the service was created at %v, the job was complete at %v", web.CreationTimestamp, done)
	}
}

// TestInstallOfWhatIsUpToDate makes no revision, and does not hold a failure of today
// against what worked when it was deployed.
func TestInstallOfWhatIsUpToDate(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	text := recipe("a", readsNothing)
	f.deploy(text)
	r, o := f.prepared(text), f.options()
	o.RollbackOnFailure = true
	if err := f.Install(t.Context(), [][]*Release{{r}}, o); !errors.As(err, new(*rollout.Failure)) {
		t.Errorf("got %v", err)
	}
	if now, err := f.releases.Get("recipe-a"); err != nil || now.Revision != 1 || now.RolloutFailed {
		t.Errorf("got %+v, %v, want revision 1 as it was", now, err)
	}
	f.out.has(t, "release recipe-a unchanged (revision 1) in namespace "+f.Cluster.Namespace)
}

// TestInstallAfterAnotherRun has another run deploy after the review.
func TestInstallAfterAnotherRun(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	first, other := f.prepared(recipe("a", "")), f.prepared(recipe("b", ""))
	f.deploy(recipe("a", `, "recipe_replica_count": 2`))
	f.deploy(recipe("c", ""))
	idle := f.prepared(recipe("c", ""))
	f.deploy(recipe("c", `, "recipe_replica_count": 2`))
	o := f.options()
	o.Wait = false
	if err := f.Install(t.Context(), [][]*Release{{first, other}}, o); !errors.Is(err, release.ErrBusy) || strings.Contains(err.Error(), "recipe-b") {
		t.Errorf("got %v, want ErrBusy of recipe-a", err)
	}
	if err := f.Install(t.Context(), [][]*Release{{idle}}, o); !idle.UpToDate() || !errors.Is(err, release.ErrBusy) {
		t.Errorf("got %v, want ErrBusy of what was up to date", err)
	}
	if a, b := f.history("recipe-a"), f.history("recipe-b"); !slices.Equal(a, []string{"1 deployed"}) || !slices.Equal(b, a) {
		t.Errorf("got revisions %q and %q", a, b)
	}
	if err := f.Prepare(t.Context(), []*Release{first}, PreflightOff, nil); err != nil {
		t.Fatal(err)
	}
	if err := f.Install(t.Context(), [][]*Release{{first}}, o); err != nil {
		t.Error(err)
	}
}

// TestInstallStopsWatching leaves a revision that was not ready in time without a
// verdict.
func TestInstallStopsWatching(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	o := f.options()
	o.Timeout = time.Second
	failed := (*rollout.Failure)(nil)
	err := f.Install(t.Context(), [][]*Release{{f.prepared(recipe("a", unschedulable))}}, o)
	if !errors.As(err, &failed) || failed.Terminal() {
		t.Errorf("got %v, want a failure that is not terminal", err)
	}
	if now, err := f.releases.Get("recipe-a"); err != nil || now.RolloutFailed {
		t.Errorf("got %+v, %v", now, err)
	}
}
