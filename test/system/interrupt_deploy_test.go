package system_test

import (
	"fmt"
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestInterruptStartsNoMoreMembers interrupts the deploy of a group that is too
// large to be installed at once, and one member of which depends on another.
func TestInterruptStartsNoMoreMembers(t *testing.T) {
	t.Parallel()
	const independent = 100
	var members []string
	member := func(i int, more string) string {
		return fmt.Sprintf(`{"name": "m%d", %s "recipe": {"recipe_mode": "service", "deployment_name": "m%[1]d", "recipe_image_uri": "i", "recipe_container_port": 80, "recipe_nvidia_gpu_count": 99}}`, i, more)
	}
	for i := range independent {
		members = append(members, member(i, ""))
	}
	members = append(members, member(independent, `"depends_on": ["m0"],`))
	s := newSandbox(t)
	file := s.Write("members.json", `{"deployment_group": {"name": "g", "deployments": [`+strings.Join(members, ",")+`]}}`)
	out := interruptAt(t, s.Command("deploy", file, "--preflight=off"), func(line string) bool {
		return strings.Contains(line, " installed (revision 1) in namespace")
	})
	found, err := kubetest.Client(t).AppsV1().Deployments(s.Namespace).List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(found.Items); n == 0 || n >= independent || strings.Count(out, ": not started: ")+n != independent {
		t.Errorf("%d of %d members exist\n%.3000s", n, independent, out)
	}
	if !strings.Contains(out, fmt.Sprintf("skipped, dependencies are not ready: recipe-m%d\n", independent)) {
		t.Errorf("the member that depends on another is not reported:\n%.3000s", out)
	}
}

// TestInterruptedDeploy keeps the revision and reports how to continue,
// because an interrupt is not a failure of the workload.
func TestInterruptedDeploy(t *testing.T) {
	t.Parallel()
	s := newSandbox(t)
	const unschedulable = `{"recipe_mode": "service", "deployment_name": "a", "recipe_image_uri": "a:%d", "recipe_container_port": 80, "recipe_nvidia_gpu_count": 99}`
	for i, next := range []string{"undeploy", "rollback"} {
		file := s.Write("unschedulable.json", fmt.Sprintf(unschedulable, i))
		out := interruptAt(t, s.Command("deploy", file, "--rollback-on-failure", "--preflight=off"), func(line string) bool {
			return strings.Contains(line, "Unschedulable: ") && !strings.Contains(line, "cause: ")
		})
		for _, line := range []string{
			"hint: watch it: kubectl blueprint status -n " + s.Namespace + " recipe-a -w",
			fmt.Sprintf("release recipe-a stays installed (revision %d) and continues to start", i+1),
			fmt.Sprintf("hint: undo it: kubectl blueprint %s -n %s recipe-a", next, s.Namespace),
			"error: recipe-a: interrupted",
		} {
			if !strings.Contains(out, line+"\n") {
				t.Errorf("no %q in\n%s", line, out)
			}
		}
	}
	if _, stdout, _ := s.Run("history", "a", "-o", "json"); strings.Count(stdout, `"revision":`) != 2 {
		t.Errorf("the history is\n%s", stdout)
	}
}
