package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
)

// quick is how many times more often parts run whose runs take milliseconds.
const quick = 5

// offlineParts are those without a cluster.
func offlineParts(r *runner) []part {
	return append([]part{
		renderPart(r), startPart(r),
		kubectlPart(r, "help", "Help", "--help"),
		kubectlPart(r, "completion", "Completion of a command", "__complete", ""),
	}, recipeParts(r)...)
}

// renderPart compares the same chart with the same values: helm's bytes are
// ours.
func renderPart(r *runner) part {
	const recipe = "testdata/recipes/nim-service.json"
	ours := contender{name: "kubectl-blueprint render", command: r.tool("kubectl-blueprint", "render", recipe)}
	theirs := contender{name: "helm template", command: r.tool("helm", "template", "x", "charts/blueprint", "-f", recipe)}
	return part{
		name: "render", title: "Rendering a recipe", runs: r.runs * quick,
		contenders: []contender{ours, theirs},
		ratios:     []ratio{{ours: ours.name, theirs: theirs.name, want: 1}},
		before:     func(ctx context.Context) error { return r.sameOutput(ctx, ours, theirs) },
	}
}

// startPart compares the least that the binaries can do.
func startPart(r *runner) part {
	ours := contender{name: "kubectl-blueprint version", command: r.tool("kubectl-blueprint", "version")}
	theirs := contender{name: "kubectl version --client", command: r.tool("kubectl", "version", "--client")}
	plugin := contender{name: "kubectl blueprint version", command: r.tool("kubectl", "blueprint", "version")}
	return part{
		name: "start-up", title: "Start-up", runs: r.runs * quick,
		contenders: []contender{ours, theirs, plugin},
		ratios:     []ratio{{ours: ours.name, theirs: theirs.name, want: 1}},
	}
}

// kubectlPart compares arguments that kubectl and the plugin both accept:
// how long a user waits for a page or for Tab.
func kubectlPart(r *runner, name, title string, args ...string) part {
	ours := contender{name: "kubectl-blueprint " + args[0], command: r.tool("kubectl-blueprint", args...)}
	theirs := contender{name: "kubectl " + args[0], command: r.tool("kubectl", args...)}
	return part{
		name: name, title: title, runs: r.runs * quick,
		contenders: []contender{ours, theirs},
		ratios:     []ratio{{ours: ours.name, theirs: theirs.name, want: 1}},
	}
}

// sameOutput fails unless both print the same bytes.
func (r *runner) sameOutput(ctx context.Context, a, b contender) error {
	printed := make([][]byte, 2)
	for i, c := range []contender{a, b} {
		name := filepath.Join(r.dir, "stdout")
		f, err := os.Create(name)
		if err != nil {
			return err
		}
		_, err = r.measure(ctx, c.command, f)
		if err := errors.Join(err, f.Close()); err != nil {
			return err
		}
		if printed[i], err = os.ReadFile(name); err != nil {
			return err
		}
	}
	if len(printed[0]) == 0 || !bytes.Equal(printed[0], printed[1]) {
		return errors.New(a.name + " and " + b.name + " print different things")
	}
	return nil
}
