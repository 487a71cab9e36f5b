package cmd_test

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
)

// TestServerRestarts restarts the API server while a group is being installed,
// and once more while it is upgraded: each deploy gets over that by itself. The
// server is no other test's then: BLUEPRINT_RESTARTS says so.
func TestServerRestarts(t *testing.T) {
	if os.Getenv("BLUEPRINT_RESTARTS") == "" {
		t.Skip("the API server is others', too: make restarts restarts one of its own")
	}
	pid, err := strconv.Atoi(os.Getenv("BLUEPRINT_CLUSTER_PID"))
	if err != nil {
		t.Fatal(err)
	}
	w := newWorld(t)
	const members = 30
	for _, tag := range []string{"1", "2"} {
		var all []string
		for i := range members {
			all = append(all, fmt.Sprintf(`{"name": "m%[1]d", "recipe": {"recipe_mode": "service", "deployment_name": "m%[1]d", "recipe_image_uri": "registry.example/a:%[2]s", "recipe_container_port": 80}}`, i, tag))
		}
		group := `{"deployment_group": {"name": "g", "deployments": [` + strings.Join(all, ",") + `]}}`
		if err := os.WriteFile(filepath.Join(w.dir, "group.json"), []byte(group), 0o600); err != nil {
			t.Fatal(err)
		}
		process := w.process(w.kubeconfig, "deploy group.json --preflight=off --timeout=3m")
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
