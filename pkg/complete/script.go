package complete

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

// ScriptName is the file name under which kubectl finds the script on the PATH.
const ScriptName = "kubectl_complete-blueprint"

//go:embed kubectl_complete-blueprint
var script string

// Script returns the program that kubectl runs to complete 'kubectl blueprint'.
func Script() []byte { return []byte(script) }

// InstallScript writes the script to dir, or next to the plugin on the PATH if dir is
// empty, and returns what it did. A script that is up to date stays as it is. It warns
// if kubectl does not find the script there.
func InstallScript(dir string, warn func(format string, args ...any)) (result string, err error) {
	if runtime.GOOS == "windows" { // kubectl needs an .exe there
		return "", errors.New("--install is not supported on Windows")
	}
	if dir == "" {
		plugin, err := exec.LookPath("kubectl-blueprint")
		if err != nil {
			return "", hint.Text(errors.New("kubectl-blueprint not found on the PATH"), "choose a directory on your PATH with --dir")
		}
		dir = filepath.Dir(plugin) // not of the running binary, which may be elsewhere: krew installs links
	}
	path := filepath.Join(dir, ScriptName)
	if upToDate(path) {
		result = path + " is up to date"
	} else if err := replace(path, Script()); err != nil {
		return "", hint.Text(fmt.Errorf("cannot write %s: %w", path, reason(err)), "choose another directory on your PATH with --dir")
	} else {
		result = path + " installed"
	}
	if here, err := filepath.Abs(dir); err == nil && !slices.Contains(filepath.SplitList(os.Getenv("PATH")), here) {
		warn("%s is not on your PATH", dir)
	}
	return result, nil
}

// upToDate reports whether the script at path is executable and has the current content.
func upToDate(path string) bool {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Mode().Perm()&0o111 == 0 {
		return false
	}
	content, err := os.ReadFile(path)
	return err == nil && bytes.Equal(content, Script())
}

// replace writes an executable file as a whole.
func replace(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // which fails after the rename
	_, err = f.Write(content)
	if err := errors.Join(err, f.Chmod(0o755), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// reason returns the error without the name of a temporary file.
func reason(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}
