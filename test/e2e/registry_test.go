package e2e

import (
	"bufio"
	"crypto/rand"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	v1 "github.com/google/go-containerregistry/pkg/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/node/image"
)

// The credentials of every registry here.
const (
	username = "robot"
	password = "s3cret-c4n4ry"
)

// registry is a private registry of a test's own, as a process.
type registry struct {
	t       *testing.T
	dir     string
	flags   []string
	address string
	process *exec.Cmd
}

func newRegistry(t *testing.T, flags ...string) *registry {
	t.Helper()
	r := &registry{t: t, dir: t.TempDir(), flags: flags, address: "127.0.0.1:0"}
	r.start()
	t.Cleanup(r.stop)
	return r
}

// start starts it, at the same address as before if it has had one.
func (r *registry) start() {
	r.t.Helper()
	r.process = exec.Command(program(r.t, "registry"), append([]string{"-dir=" + r.dir, "-listen=" + r.address}, r.flags...)...)
	r.process.Env = append(os.Environ(), "REGISTRY_USERNAME="+username, "REGISTRY_PASSWORD="+password)
	r.process.Stderr = os.Stderr
	r.process.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	stdout, err := r.process.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := r.process.Start(); err != nil {
		r.t.Fatal(err)
	}
	address, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		r.t.Fatal("the registry has not started: ", err)
	}
	r.address = strings.TrimSpace(address)
}

// stop refuses connections from now on.
func (r *registry) stop() {
	_ = r.process.Process.Kill()
	_ = r.process.Wait()
}

// push pushes an image under appName and returns its reference.
func (r *registry) push(i v1.Image) string { return r.pushAs(appName, i) }

// pushAs pushes an image under a name and returns its reference.
func (r *registry) pushAs(name string, i v1.Image) string {
	r.t.Helper()
	reference := r.address + "/" + name
	if err := image.Push(reference, i, username, password); err != nil {
		r.t.Fatal(err)
	}
	return reference
}

// app is the image of test/e2e/app, built once for all tests.
var app = sync.OnceValues(func() (v1.Image, error) { return image.Of("../../bin/app") })

func appImage(t *testing.T) v1.Image {
	t.Helper()
	i, err := app()
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// freshImage is the app with a layer that no node has.
func freshImage(t *testing.T) v1.Image {
	t.Helper()
	layer := make([]byte, 1<<20)
	if _, err := rand.Read(layer); err != nil {
		t.Fatal(err)
	}
	i, err := image.Of("../../bin/app", layer)
	if err != nil {
		t.Fatal(err)
	}
	return i
}
