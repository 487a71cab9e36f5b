package krew

import (
	"os"
	"path/filepath"
	"testing"
)

// krew is a home of krew's that no other test and no user sees.
type krew struct {
	root string
	env  []string
}

func newKrew(t *testing.T) krew {
	t.Helper()
	home := t.TempDir()
	k := krew{root: filepath.Join(home, "krew root")} // a space, as in some users' names
	k.env = []string{
		"HOME=" + home, "KREW_ROOT=" + k.root, "KREW_NO_UPGRADE_CHECK=1",
		"PATH=" + k.bin() + string(filepath.ListSeparator) + os.Getenv("PATH"),
		"GIT_AUTHOR_NAME=test", "GIT_AUTHOR_EMAIL=test@example.com",
		"GIT_COMMITTER_NAME=test", "GIT_COMMITTER_EMAIL=test@example.com",
	}
	return k
}

func (k krew) bin() string { return filepath.Join(k.root, "bin") }

func (k krew) run(t *testing.T, args ...string) string {
	t.Helper()
	return run(t, k.env, tool("kubectl-krew"), args...)
}

// addIndex makes an index of one plugin and has krew clone it, as "local". With
// an index of its own, krew doesn't fetch the central one.
func (k krew) addIndex(t *testing.T, manifest string) {
	t.Helper()
	index := t.TempDir()
	plugins := filepath.Join(index, "plugins")
	if err := os.Mkdir(plugins, 0o755); err != nil {
		t.Fatal(err)
	}
	run(t, k.env, "cp", manifest, filepath.Join(plugins, "blueprint.yaml"))
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"commit", "-q", "-m", "Add blueprint"}} {
		run(t, k.env, "git", append([]string{"-C", index}, args...)...)
	}
	k.run(t, "index", "add", "local", index)
}
