package system_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestServerRestarts restarts the API server while a group is being installed,
// and once more while it is upgraded: each deploy gets over that by itself, that
// of a user whose roles the server has not read at first, too. The server is no
// other test's then: BLUEPRINT_RESTARTS says so.
func TestServerRestarts(t *testing.T) {
	if os.Getenv("BLUEPRINT_RESTARTS") == "" {
		t.Skip("the API server is others', too: make restarts restarts one of its own")
	}
	pid, err := strconv.Atoi(os.Getenv("BLUEPRINT_CLUSTER_PID"))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	const user, members = "deployer", 30
	if _, err := kubetest.Client(t).RbacV1().RoleBindings(w.namespace).Create(t.Context(), &rbacv1.RoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: user},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: user}},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "edit"},
	}, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for _, tag := range []string{"1", "2"} {
		var all []string
		for i := range members {
			all = append(all, fmt.Sprintf(`{"name": "m%[1]d", "recipe": {"recipe_mode": "service", "deployment_name": "m%[1]d", "recipe_image_uri": "registry.example/a:%[2]s", "recipe_container_port": 80}}`, i, tag))
		}
		group := `{"deployment_group": {"name": "g", "deployments": [` + strings.Join(all, ",") + `]}}`
		if err := os.WriteFile(filepath.Join(w.dir, "group.json"), []byte(group), 0o600); err != nil {
			t.Fatal(err)
		}
		process := w.process(w.kubeconfig, "deploy group.json --preflight=off --timeout=3m --as="+user)
		stderr, err := process.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := process.Start(); err != nil {
			t.Fatal(err)
		}
		var said strings.Builder
		installed := 0
		for lines := bufio.NewScanner(stderr); lines.Scan(); said.WriteString(lines.Text() + "\n") {
			if strings.Contains(lines.Text(), ": installed in namespace ") {
				if installed++; installed == 3 {
					if err := syscall.Kill(pid, syscall.SIGUSR1); err != nil {
						t.Fatal(err)
					}
				}
			}
		}
		if err := process.Wait(); err != nil || !strings.Contains(said.String(), "trying again") {
			t.Fatalf("%v\n%s", err, said.String())
		}
		_, stdout, _ := w.run("list -o json")
		var releases []struct{ Status, Ready string }
		if err := json.Unmarshal([]byte(stdout), &releases); err != nil || len(releases) != members || strings.Count(stdout, `"deployed"`) != members {
			t.Fatalf("%v: want %d deployed releases, got\n%s", err, members, stdout)
		}
	}
}
