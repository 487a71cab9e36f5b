package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// inside is the first process of the node's namespaces. It starts containerd
// and the kubelet, and returns only when one of them has ended.
func inside(dir string) error {
	if err := prepareMounts(dir); err != nil {
		return err
	}
	if err := os.Setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin"); err != nil { // runc may be in any
		return err
	}
	containerd, err := launch(dir, "containerd", "--config="+filepath.Join(dir, "config/containerd.toml"))
	if err != nil {
		return err
	}
	socket := filepath.Join(dir, "containerd.sock")
	if err := answers(socket); err != nil {
		return err
	}
	load := exec.Command("ctr", "--address="+socket, "--namespace=k8s.io", "images", "import", filepath.Join(dir, pauseArchive))
	if out, err := load.CombinedOutput(); err != nil {
		return fmt.Errorf("ctr images import: %w %s", err, out)
	}
	kubelet, err := launch(dir, filepath.Join(dir, "kubelet"),
		"--config="+filepath.Join(dir, "config/kubelet.yaml"),
		"--kubeconfig="+filepath.Join(dir, "kubelet.kubeconfig"),
		"--root-dir="+filepath.Join(dir, "kubelet-root"),
		"--cert-dir="+filepath.Join(dir, "kubelet-certificates"),
		"--hostname-override="+nodeName, "--node-ip="+address)
	if err != nil {
		return err
	}
	return reap(map[int]string{containerd: "containerd", kubelet: "kubelet"})
}

// launch starts a process and returns its id.
func launch(dir, program string, args ...string) (int, error) {
	log, err := os.Create(filepath.Join(dir, filepath.Base(program)+".log"))
	if err != nil {
		return 0, err
	}
	defer log.Close()
	cmd := exec.Command(program, args...)
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	return cmd.Process.Pid, nil
}

// answers waits until something listens on a socket.
func answers(socket string) error {
	for limit := time.Now().Add(time.Minute); ; time.Sleep(20 * time.Millisecond) {
		c, err := net.Dial("unix", socket)
		if err == nil {
			return c.Close()
		}
		if time.Now().After(limit) {
			return err
		}
	}
}

// reap waits for orphans, which fall to the first process, until one of those
// that must not end has ended.
func reap(needed map[int]string) error {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, 0, nil)
		if err != nil && err != syscall.EINTR {
			return err
		}
		if name, ok := needed[pid]; ok {
			return fmt.Errorf("%s has ended with exit code %d", name, status.ExitStatus())
		}
	}
}
