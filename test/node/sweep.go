package main

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// sweep removes what the kernel keeps of a node whose processes are gone.
func sweep(dirs ...string) error {
	errs := []error{removeLink(addressLink), removeLink(podLink)}
	roots, err := controlGroupRoots()
	errs = append(errs, err)
	// runc makes a pod's groups for every controller there is.
	if len(roots) > 1 {
		all, err := filepath.Glob(filepath.Join(filepath.Dir(roots[0]), "*"))
		errs, roots = append(errs, err), all
	}
	for _, root := range roots {
		errs = append(errs, removeGroups(filepath.Join(root, "kubepods")))
	}
	for _, dir := range dirs {
		errs = append(errs, os.RemoveAll(dir))
	}
	return errors.Join(errs...)
}

func removeLink(name string) error {
	if _, err := net.InterfaceByName(name); err != nil {
		return nil // there is none
	}
	return ip("link", "delete", name)
}

// removeGroups removes a control group and those in it, leaves first. The last
// process of one may take a moment to be gone.
func removeGroups(top string) error {
	for limit := time.Now().Add(2 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		err := tryToRemoveGroups(top)
		if err == nil || time.Now().After(limit) {
			return err
		}
	}
}

func tryToRemoveGroups(top string) error {
	var groups []string
	err := filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			groups = append(groups, path)
		}
		return err
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, group := range slices.Backward(groups) {
		err = errors.Join(err, os.Remove(group))
	}
	return err
}
