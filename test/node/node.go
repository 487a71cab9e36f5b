package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/node/image"
)

const (
	dirPrefix = "blueprint-node-"

	// The kubelet's address is that of a bridge with nothing on it: it accepts
	// no loopback address, and no other one should be reachable from elsewhere.
	addressLink, address = "bp-node", "10.99.0.1"
	podLink              = "bp-pods"
)

// node is a real node, from create to remove.
type node struct {
	bin, dir string
	process  *exec.Cmd
	running  context.Context // ends when the node ends by itself
	ended    chan struct{}
}

// create starts everything, after sweeping up what a killed run has left.
func (n *node) create() error {
	left, err := filepath.Glob(filepath.Join(os.TempDir(), dirPrefix+"*"))
	if err != nil {
		return err
	}
	if err := errors.Join(sweep(left...)); err != nil {
		return err
	}
	if n.dir, err = os.MkdirTemp("", dirPrefix); err != nil {
		return err
	}
	if n.bin, err = filepath.Abs(n.bin); err != nil {
		return err
	}
	if err := image.WriteArchive(filepath.Join(n.dir, pauseArchive), pauseImage, filepath.Join(n.bin, "pause")); err != nil {
		return err
	}
	if err := n.writeConfigs(); err != nil {
		return err
	}
	if err := addAddress(); err != nil {
		return err
	}
	return n.start()
}

func addAddress() error {
	return errors.Join(
		ip("link", "add", addressLink, "type", "bridge"),
		ip("address", "add", address+"/32", "dev", addressLink),
		ip("link", "set", addressLink, "up"),
	)
}

// start runs this program again as the first process of new namespaces: when
// it is killed, the kernel kills all others, and their mounts go.
func (n *node) start() error {
	log, err := os.Create(filepath.Join(n.dir, "log"))
	if err != nil {
		return err
	}
	defer log.Close()
	n.process = exec.Command("/proc/self/exe", "-inside", n.dir)
	n.process.Stdout, n.process.Stderr = log, log
	n.process.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID,
		Setsid:     true, // Ctrl-C is for COMMAND
		Pdeathsig:  syscall.SIGKILL,
	}
	if err := n.process.Start(); err != nil {
		n.process = nil
		return err
	}
	running, end := context.WithCancel(context.Background())
	n.running, n.ended = running, make(chan struct{})
	go func() {
		defer close(n.ended)
		_ = n.process.Wait() // the log says why
		end()
	}()
	return nil
}

// logs are the ends of what the node's programs have said.
func (n *node) logs() string {
	var words strings.Builder
	for _, name := range []string{"log", "containerd.log", "kubelet.log"} {
		content, _ := os.ReadFile(filepath.Join(n.dir, name))
		const most = 3000
		fmt.Fprintf(&words, "\n%s:\n%s", name, content[max(0, len(content)-most):])
	}
	return words.String()
}

// whyEnded words the end of a node that nobody asked to end.
func (n *node) whyEnded() error { return errors.New("the node has ended by itself" + n.logs()) }

// remove undoes create, however far that came.
func (n *node) remove() error {
	if n.process != nil {
		_ = n.process.Process.Kill() // it may have ended
		<-n.ended
	}
	if n.dir == "" {
		return nil
	}
	return sweep(n.dir)
}
