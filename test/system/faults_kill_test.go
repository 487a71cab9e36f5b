package system_test

import (
	"fmt"
	"net/http"
	"os/exec"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/faults"
)

// The recipes of the faults' tests: three states of one release, which have
// different objects and different fields.
var faultRecipes = map[string]string{
	"one.json": `{"recipe_mode": "service", "deployment_name": "faulty", "recipe_image_uri": "registry.example/a:1", "recipe_container_port": 8000,
		"recipe_container_env": [{"key": "ONE", "value": "1"}, {"key": "BOTH", "value": "1"}], "recipe_container_command_args": ["--one"],
		"recipe_configmaps": [{"name": "config", "mount_location": "/config", "data": {"one": "1", "both": "1"}}],
		"pvcs": {"volumes": [{"name": "data", "mount_location": "/data", "volume_size_in_gbs": 1}]}}`,
	"two.json": `{"recipe_mode": "service", "deployment_name": "faulty", "recipe_image_uri": "registry.example/a:2", "recipe_container_port": 8001,
		"recipe_container_env": [{"key": "TWO", "value": "2"}, {"key": "BOTH", "value": "2"}], "recipe_readiness_probe_params": {"scheme": "TCP"},
		"recipe_configmaps": [{"name": "config", "mount_location": "/config", "data": {"two": "2", "both": "2"}},
			{"name": "more", "mount_location": "/more", "data": {"a": "b"}}]}`,
	"job.json": `{"recipe_mode": "job", "deployment_name": "faulty", "recipe_image_uri": "registry.example/a:3",
		"recipe_container_env": [{"key": "THREE", "value": "3"}],
		"recipe_configmaps": [{"name": "job", "mount_location": "/config", "data": {"a": "b"}}]}`,
	"group.json": `{"deployment_group": {"name": "faulty", "deployments": [
		{"name": "db", "exports": ["service_name"], "recipe": {"recipe_mode": "service", "deployment_name": "db", "recipe_image_uri": "registry.example/a:1", "recipe_container_port": 80}},
		{"name": "a", "depends_on": ["db"], "recipe": {"recipe_mode": "service", "deployment_name": "a", "recipe_image_uri": "registry.example/a:1", "recipe_container_port": 80}},
		{"name": "b", "depends_on": ["db"], "recipe": {"recipe_mode": "job", "deployment_name": "b", "recipe_image_uri": "registry.example/a:1"}}]}}`,
}

// kill is a story in which one command is killed. Afterwards the namespace is to
// be as if only the last command had run.
type kill struct {
	before []string // commands that run undisturbed
	killed string
	after  string
}

const (
	deployGroup = "deploy group.json --preflight=off --timeout=60s"
	deployOne   = "deploy one.json --wait=false --preflight=off"
	deployTwo   = "deploy two.json --wait=false --preflight=off"
	deployJob   = "deploy job.json --wait=false --preflight=off"
)

var kills = map[string]kill{
	"install":              {nil, deployTwo, deployTwo},
	"install, then other":  {nil, deployJob, deployOne},
	"upgrade":              {[]string{deployOne}, deployTwo, deployTwo},
	"upgrade, then back":   {[]string{deployOne}, deployTwo, deployOne},
	"upgrade, then other":  {[]string{deployOne}, deployJob, deployTwo},
	"rollback":             {[]string{deployTwo, deployOne}, "rollback faulty --wait=false", deployJob},
	"undeploy, then again": {[]string{deployOne, deployTwo}, "undeploy faulty --wait=false", "undeploy faulty --wait=false"},
	"group":                {nil, deployGroup, deployGroup},
	"undeploy, then other": {[]string{deployTwo}, "undeploy faulty --wait=false", deployOne},
}

// storiesAtATime is how many stories run side by side: they wait more than they
// work.
const storiesAtATime = 8

// TestKilledAtEveryRequest kills a command with SIGKILL before each of its
// requests from the first that writes on, one story for each, and has the next
// command set things right: no release stuck, no object and no field too many.
func TestKilledAtEveryRequest(t *testing.T) {
	t.Parallel()
	for name, story := range kills {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := newWorld(t).after(t, story.after)
			counted := newWorld(t)
			for _, command := range story.before {
				counted.must(t, command)
			}
			first, last := counted.writing(t, story.killed)
			var group errgroup.Group
			group.SetLimit(storiesAtATime)
			for _, n := range points(first-1, last) {
				group.Go(func() error {
					told := fmt.Sprintf("killed before request %d", n)
					got := newWorld(t).killed(t, told, story, n)
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("%s: got other objects (-want +got):\n%s", told, diff)
					}
					return nil
				})
			}
			_ = group.Wait()
		})
	}
}

// killed tells a story, and returns how the world is at its end.
func (w *world) killed(t *testing.T, told string, story kill, n int) map[string]any {
	for _, command := range story.before {
		w.must(t, command)
	}
	var process *exec.Cmd
	started := make(chan struct{})
	proxy := faults.New(t, func(i int, _ *http.Request) faults.Fault {
		if i < n {
			return faults.None
		}
		<-started
		_ = process.Process.Kill()
		return faults.Cut
	})
	process = w.process(proxy.Kubeconfig(t, w.namespace), story.killed)
	if err := process.Start(); err != nil {
		t.Error(err)
		return nil
	}
	close(started)
	if err := process.Wait(); err == nil && proxy.Requests() >= n {
		t.Errorf("%s: it lived", told)
	}
	code, stdout, stderr := w.run(story.after)
	gone := slices.Contains([]string{story.after}, story.killed) && code != 0 && len(w.state(t)) == 0 // an undeploy that was through
	if code != 0 && !gone {
		t.Errorf("%s: then %s: exit code %d\n%s%s", told, story.after, code, stdout, stderr)
	}
	return w.state(t)
}
