package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/pki"
)

const (
	lockFile = "lock"
	// kubeconfigMark begins every kubeconfig of ours. A file without it is
	// somebody's own, and is not overwritten.
	kubeconfigMark = "# Written by test/cluster, removed when it stops.\n"
)

// prepareFiles makes the state directory and sees that no file of an earlier
// run, which may have been killed, is taken for one of this run.
func (c *cluster) prepareFiles() error {
	if err := c.prepareDir(); err != nil {
		return fmt.Errorf("state directory: %w", err)
	}
	for file, name := range map[*string]string{&c.opts.kubeconfig: "kubeconfig", &c.opts.log: "log"} {
		if *file == "" {
			*file = c.path(name)
		}
		absolute, err := filepath.Abs(*file)
		if err != nil {
			return err
		}
		*file = absolute
	}
	content, err := os.ReadFile(c.opts.kubeconfig)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !bytes.HasPrefix(content, []byte(kubeconfigMark)):
		return fmt.Errorf("%s exists and is not from an earlier run: choose another -kubeconfig", c.opts.kubeconfig)
	}
	return os.Remove(c.opts.kubeconfig)
}

func (c *cluster) prepareDir() error {
	if c.opts.dir == "" {
		dir, err := os.MkdirTemp("", "cluster-")
		if err != nil {
			return err
		}
		c.opts.dir = dir
		c.undo = append(c.undo, func() { _ = os.RemoveAll(dir) })
		return nil
	}
	dir, err := filepath.Abs(c.opts.dir)
	if err != nil {
		return err
	}
	c.opts.dir = dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	if _, err := os.Stat(c.path(lockFile)); err != nil && len(entries) > 0 {
		return fmt.Errorf("%s is neither empty nor from an earlier run", dir)
	}
	if err := c.lock(); err != nil {
		return err
	}
	for _, e := range entries {
		if e.Name() != lockFile {
			if err := os.RemoveAll(c.path(e.Name())); err != nil {
				return err
			}
		}
	}
	return os.Chmod(dir, 0o700)
}

// lock keeps a second cluster out of the directory. The kernel lets go of it
// when the process ends, however it ends.
func (c *cluster) lock() error {
	f, err := os.OpenFile(c.path(lockFile), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return errors.Join(fmt.Errorf("%s is in use by another cluster", c.opts.dir), f.Close())
	}
	c.undo = append(c.undo, func() { _ = f.Close() })
	return nil
}

// writeKubeconfig puts the administrator's kubeconfig in place in one step:
// its appearance says that the cluster is ready.
func (c *cluster) writeKubeconfig(server string) error {
	content, err := pki.Dir(c.path("pki")).Kubeconfig(server, pki.Admin)
	if err != nil {
		return err
	}
	temporary := c.opts.kubeconfig + ".new"
	if err := os.WriteFile(temporary, append([]byte(kubeconfigMark), content...), 0o600); err != nil {
		return err
	}
	if err := os.Rename(temporary, c.opts.kubeconfig); err != nil {
		return err
	}
	c.undo = append(c.undo, func() { _ = os.Remove(c.opts.kubeconfig) })
	return nil
}

// writeKubeletConfigs writes what a real kubelet and kube-proxy start from.
func (c *cluster) writeKubeletConfigs(keys pki.Dir, server string) error {
	if c.opts.kubelet == "" {
		return nil
	}
	for _, identity := range []string{pki.Kubelet, pki.KubeProxy} {
		content, err := keys.Kubeconfig(server, identity)
		if err != nil {
			return err
		}
		if err := os.WriteFile(c.path(identity+".kubeconfig"), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}
