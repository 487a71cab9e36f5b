package e2e

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestRegistryRestarts has the registry away for ten seconds after the first
// pull has found it so.
func TestRegistryRestarts(t *testing.T) {
	t.Parallel()
	l := newLane(t)
	r := newRegistry(t)
	image := r.push(freshImage(t))
	l.applySecrets(pullSecret(r, password))
	r.stop()
	o := l.observe(map[string]string{"registry-down": "waiting ErrImagePull: .*connection refused"})
	p := l.start("deploy", l.file("app.json", service(image, nil)), "--preflight=off", "--timeout=2m")
	o.happened(t, "waiting ErrImagePull: .*connect: connection refused")
	time.Sleep(10 * time.Second)
	r.start()
	l.succeeds(p, o)
	if _, ok := p.says("connection refused"); !ok {
		t.Errorf("does not say that the registry was away:\n%s", p)
	}
	o.save()
}

// TestRegistryRestartsDuringPull cuts the connection in the middle of a layer.
func TestRegistryRestartsDuringPull(t *testing.T) {
	t.Parallel()
	l := newLane(t)
	r := newRegistry(t, "-pause=10s", "-of=team/app")
	image := r.push(freshImage(t))
	l.applySecrets(pullSecret(r, password))
	o := l.observe(map[string]string{"registry-cut": "waiting ErrImagePull: .*(EOF|refused|reset)"})
	p := l.start("deploy", l.file("app.json", service(image, nil)), "--preflight=off", "--timeout=2m")
	o.happened(t, "event Pulling: ")
	time.Sleep(12 * time.Second) // the image's configuration comes first; the event may be seconds late
	r.stop()
	o.happened(t, "waiting ErrImagePull: .*(EOF|refused|reset)")
	time.Sleep(10 * time.Second)
	r.start()
	l.succeeds(p, o)
	o.save()
}

// TestPullSecretComesLate makes the pull secret after the first pull, as for the
// kubelet it may be in any deploy: it may not read a secret before the API server
// knows that a pod on its node needs it, and then pulls without.
func TestPullSecretComesLate(t *testing.T) {
	t.Parallel()
	l := newLane(t)
	r := newRegistry(t)
	image := r.push(appImage(t))
	o := l.observe(nil)
	p := l.start("deploy", l.file("app.json", service(image, nil)), "--preflight=off", "--timeout=2m")
	o.happened(t, "event FailedToRetrieveImagePullSecret: ")
	o.happened(t, "waiting ErrImagePull: ")
	l.applySecrets(pullSecret(r, password))
	l.succeeds(p, o)
}

// TestSlowImage pulls an image that takes its time.
func TestSlowImage(t *testing.T) {
	t.Parallel()
	l := newLane(t)
	r := newRegistry(t, "-pause=12s", "-of=team/app")
	image := r.push(freshImage(t))
	l.applySecrets(pullSecret(r, password))
	o := l.observe(map[string]string{"image-pulling": "event Pulling: "})
	p := l.start("deploy", l.file("app.json", service(image, nil)), "--preflight=off", "--timeout=2m")
	l.succeeds(p, o)
	if took := o.happened(t, "event Pulled: ").Sub(o.happened(t, "event Pulling: ")); took < 12*time.Second {
		t.Errorf("the image was pulled in %s: this tests nothing", took)
	}
	o.save()
}

// TestNodeNotReady has the node not ready for twenty seconds while one deploy
// waits for its pod to become ready there, and another begins, an upgrade, whose
// pod no node takes. It runs alone, as other tests need the node.
func TestNodeNotReady(t *testing.T) {
	l := newLane(t)
	r := newRegistry(t)
	image := r.push(appImage(t))
	l.applySecrets(pullSecret(r, password))
	o := l.observe(map[string]string{
		"node-not-ready": "event NodeNotReady: ", "unschedulable-taint": "condition PodScheduled False Unschedulable: ",
	})
	deploy := func(file string, changes object) *process {
		return l.start("deploy", l.file(file, service(image, changes)), "--preflight=off", "--timeout=2m")
	}
	l.succeeds(deploy("app.json", nil), o)
	slow := deploy("slow.json", object{"deployment_name": "slow", "recipe_container_command_args": []string{"serve", "-ready-after=8s"}})
	o.happened(t, `event Started: Container started \[recipe-slow-`)
	signalKubelet(t, syscall.SIGSTOP)
	t.Cleanup(func() { signalKubelet(t, syscall.SIGCONT) })
	o.happened(t, "event NodeNotReady: ")
	upgrade := deploy("app.json", object{"recipe_container_env": []object{{"key": "REVISION", "value": "2"}}})
	time.Sleep(20 * time.Second)
	if nodeReady(t) {
		t.Error("the node is ready again while its kubelet is stopped: this tests nothing")
	}
	signalKubelet(t, syscall.SIGCONT)
	l.succeeds(slow, o)
	l.succeeds(upgrade, o)
	o.save()
}

func (l *lane) succeeds(p *process, o *observer) {
	l.t.Helper()
	p.wait(l)
	if p.code != 0 {
		l.t.Errorf("exit code %d", p.code)
	}
	if l.t.Failed() || testing.Verbose() {
		l.t.Logf("what was said:\n%s\nwhat happened:\n%s", p, o)
	}
}

// signalKubelet finds the kubelet by the directory of the node, which its
// command line has.
func signalKubelet(t *testing.T, signal syscall.Signal) {
	t.Helper()
	begin := filepath.Join(realNode(t), "kubelet") + "\x00"
	all, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range all {
		line, err := os.ReadFile(name)
		if err != nil || !strings.HasPrefix(string(line), begin) {
			continue
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(name)))
		if err != nil {
			t.Fatal(err)
		}
		if err := syscall.Kill(pid, signal); err != nil {
			t.Fatal(err)
		}
		return
	}
	t.Fatal("no process is the kubelet")
}

func nodeReady(t *testing.T) bool {
	t.Helper()
	node, err := kubetest.Client(t).CoreV1().Nodes().Get(t.Context(), "real-node", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range node.Status.Conditions {
		if c.Type == corev1.NodeReady {
			return c.Status == corev1.ConditionTrue
		}
	}
	return false
}
