package system_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestServerRestarts restarts the API server while a group is installed, and once
// more while it is upgraded. Both deploys succeed, although the server has not
// read the roles of their user at first. Other tests cannot use the server at the
// same time, so BLUEPRINT_RESTARTS must say that there are none.
func TestServerRestarts(t *testing.T) {
	if os.Getenv("BLUEPRINT_RESTARTS") == "" {
		t.Skip("other tests use the API server: run `make restarts`")
	}
	pid, err := strconv.Atoi(os.Getenv("BLUEPRINT_CLUSTER_PID"))
	if err != nil {
		t.Fatal(err)
	}
	s := newSandbox(t)
	const user, members = "deployer", 30
	if _, err := kubetest.Client(t).RbacV1().RoleBindings(s.Namespace).Create(t.Context(), &rbacv1.RoleBinding{
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
		file := s.Write("members.json", `{"deployment_group": {"name": "g", "deployments": [`+strings.Join(all, ",")+`]}}`)
		installed := 0
		out := watchLines(t, s.Command("deploy", file, "--preflight=off", "--timeout=3m", "--as="+user), func(line string) bool {
			if strings.Contains(line, " (revision "+tag+") in namespace ") {
				installed++
			}
			return installed == 3
		}, func() error { return syscall.Kill(pid, syscall.SIGUSR1) }, func(err error) bool { return err == nil })
		if !strings.Contains(out, "retrying") {
			t.Fatalf("no request was retried\n%s", out)
		}
		_, stdout, _ := s.Run("list", "-o", "json")
		var releases struct {
			Items []struct{ Status, Ready string }
		}
		if err := json.Unmarshal([]byte(stdout), &releases); err != nil || len(releases.Items) != members || strings.Count(stdout, `"deployed"`) != members {
			t.Fatalf("%v: want %d deployed releases, got\n%s", err, members, stdout)
		}
	}
}
