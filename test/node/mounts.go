package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// prepareMounts makes the file system of the node, in a mount namespace: what
// containerd, runc and the kubelet write outside of dir goes nowhere.
func prepareMounts(dir string) error {
	if err := syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("leaving the machine's mounts alone: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mounting /proc: %w", err)
	}
	images := filepath.Join(dir, "containerd") // no layers can lie on a file system of layers
	if err := os.Mkdir(images, 0o700); err != nil {
		return err
	}
	for _, path := range []string{"/run", "/var/lib", "/var/log", images} {
		if err := syscall.Mount("tmpfs", path, "tmpfs", 0, "mode=755"); err != nil {
			return fmt.Errorf("mounting a tmpfs on %s: %w", path, err)
		}
	}
	if err := coverSysctls(filepath.Join(dir, "sysctls")); err != nil {
		return err
	}
	// The kubelet and containerd see each other's mounts.
	return syscall.Mount("none", "/", "", syscall.MS_REC|syscall.MS_SHARED, "")
}

var coveredSettings = []string{
	"vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops",
	"kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes", "net/ipv4/ip_forward",
}

// coverSysctls puts a file over each setting of the kernel that the kubelet and the
// network plugins change, so that they change the file. None of them matters
// here, and the machine keeps its own.
func coverSysctls(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	for _, name := range coveredSettings {
		setting, cover := filepath.Join("/proc/sys", name), filepath.Join(dir, strings.ReplaceAll(name, "/", "."))
		value, err := os.ReadFile(setting)
		if err != nil {
			return err
		}
		if err := os.WriteFile(cover, value, 0o600); err != nil {
			return err
		}
		if err := syscall.Mount(cover, setting, "", syscall.MS_BIND, ""); err != nil {
			return fmt.Errorf("covering %s: %w", setting, err)
		}
	}
	return nil
}
