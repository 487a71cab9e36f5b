package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// check returns why this machine can hold no node, by trying what a node does.
func check() error {
	if runtime.GOOS != "linux" || os.Geteuid() != 0 {
		return errors.New("it takes Linux and root")
	}
	if _, err := os.Stat("/dev/kmsg"); err != nil { // the kubelet reads there of memory that ran out
		return err
	}
	for _, try := range []func() error{noOtherKubelet, mountsAllowed, controlGroupsAllowed, linksAllowed} {
		if err := try(); err != nil {
			return err
		}
	}
	return nil
}

// noOtherKubelet keeps away from a machine that is a node of somebody's cluster.
func noOtherKubelet() error {
	names, err := filepath.Glob("/proc/[0-9]*/comm")
	if err != nil {
		return err
	}
	for _, name := range names {
		if content, err := os.ReadFile(name); err == nil && string(content) == "kubelet\n" {
			return errors.New("a kubelet runs here already, as process " + filepath.Base(filepath.Dir(name)))
		}
	}
	return nil
}

// mountsAllowed mounts something in a namespace that goes at once.
func mountsAllowed() error {
	cmd := exec.Command("mount", "-t", "tmpfs", "none", "/mnt")
	cmd.SysProcAttr = &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS | syscall.CLONE_NEWPID}
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("mounting in a namespace of its own is not allowed: %w %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

func controlGroupsAllowed() error {
	roots, err := controlGroupRoots()
	if err != nil {
		return err
	}
	if len(roots) == 1 { // as the kubelet does; refused where processes are in the root group
		const controllers = "+cpu +cpuset +memory +pids"
		if err := os.WriteFile(filepath.Join(roots[0], "cgroup.subtree_control"), []byte(controllers), 0); err != nil {
			return fmt.Errorf("handing controllers down to control groups is not allowed: %w", err)
		}
	}
	for _, root := range roots {
		group := filepath.Join(root, "blueprint-check")
		if err := errors.Join(os.Mkdir(group, 0o755), os.Remove(group)); err != nil {
			return fmt.Errorf("making a control group is not allowed: %w", err)
		}
	}
	return nil
}

func linksAllowed() error {
	const link = "bp-check"
	for _, verb := range [][]string{{"add", link, "type", "bridge"}, {"del", link}} {
		if err := ip(append([]string{"link"}, verb...)...); err != nil {
			return fmt.Errorf("making a network bridge is not allowed: %w", err)
		}
	}
	return nil
}

// controlGroupRoots are the directories in which a kubelet makes its groups:
// one for each controller, or the one of version 2.
func controlGroupRoots() ([]string, error) {
	const mount = "/sys/fs/cgroup"
	if _, err := os.Stat(filepath.Join(mount, "cgroup.controllers")); err == nil {
		return []string{mount}, nil
	}
	var roots []string
	for _, controller := range []string{"memory", "cpu", "cpuset", "pids", "devices"} {
		root := filepath.Join(mount, controller)
		if _, err := os.Stat(filepath.Join(root, "cgroup.procs")); err != nil {
			return nil, fmt.Errorf("there is no control group for %s: %w", controller, err)
		}
		roots = append(roots, root)
	}
	return roots, nil
}

func ip(args ...string) error {
	if out, err := exec.Command("ip", args...).CombinedOutput(); err != nil {
		return fmt.Errorf("ip %s: %w %s", strings.Join(args, " "), err, strings.TrimSpace(string(out)))
	}
	return nil
}
