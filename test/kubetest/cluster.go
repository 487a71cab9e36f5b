package kubetest

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// clusterTimeout is the time in which a test cluster must start. It takes seconds, or
// minutes on a busy machine.
const clusterTimeout = 2 * time.Minute

// ModelCluster starts a test cluster with a model server in place of each container that
// requests GPUs, and returns its kubeconfig. bin is the directory of the programs, and
// flags are those of `app model`. It skips t if the programs are missing, or fails it if
// CI is set.
func ModelCluster(t testing.TB, bin, flags string) string {
	t.Helper()
	cluster, app := filepath.Join(bin, "cluster"), filepath.Join(bin, "app")
	for _, program := range []string{cluster, app} {
		if _, err := os.Stat(program); err != nil && os.Getenv("CI") != "" {
			t.Fatalf("%v, and CI allows no skip", err)
		} else if err != nil {
			t.Skipf("%v: run `make bin/cluster bin/app`", err)
		}
	}
	kubeconfig := filepath.Join(t.TempDir(), "kubeconfig")
	process := exec.Command(cluster, "-kubeconfig="+kubeconfig, "-model-server="+app+" model "+flags)
	var stderr bytes.Buffer
	process.Stderr = &stderr
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- process.Wait() }()
	t.Cleanup(func() {
		_ = process.Process.Signal(syscall.SIGTERM)
		if err := <-ended; err != nil {
			t.Errorf("cluster: %v\n%s", err, stderr.String())
		}
	})
	deadline := time.Now().Add(clusterTimeout)
	for {
		if _, err := os.Stat(kubeconfig); err == nil {
			return kubeconfig
		}
		select {
		case err := <-ended:
			ended <- errors.Join(err, errors.New("ended before it was ready"))
			t.FailNow()
		case <-time.After(20 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatalf("the cluster was not ready after %s", clusterTimeout)
		}
	}
}
