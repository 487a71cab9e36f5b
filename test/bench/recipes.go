package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
)

// recipeParts are about many recipes at once. A run of helm takes one recipe, so
// it is run for each.
func recipeParts(r *runner) []part {
	return []part{directoryPart(r), validatePart(r), groupPart(r)}
}

// directoryPart is to be 30 times as fast as helm, and to stay below 100 MB.
func directoryPart(r *runner) part {
	const count = 1000
	dir := filepath.Join(r.dir, "recipes")
	ours := contender{name: "kubectl-blueprint render DIR", command: r.tool("kubectl-blueprint", "render", dir)}
	loop := `for f in "$1"/*.json; do "$0" template x charts/blueprint -f "$f" || exit; done`
	theirs := contender{name: "helm template, 1,000 times", once: true,
		command: []string{"sh", "-c", loop, filepath.Join(r.bin, "helm"), dir}}
	return part{
		name: "render-many", title: "1,000 recipes rendered: peak RSS below 100 MB is wanted", runs: r.runs,
		contenders: []contender{ours, theirs},
		ratios:     []ratio{{ours: ours.name, theirs: theirs.name, want: 30}},
		before:     func(context.Context) error { return writeRecipes(dir, count) },
	}
}

// validatePart is to take less than 5 seconds on 2 cores.
func validatePart(r *runner) part {
	const count = 10_000
	dir := filepath.Join(r.dir, "recipes-to-validate")
	return part{
		name: "validate", title: "10,000 recipes validated: less than 5 s is wanted", runs: r.runs,
		contenders: []contender{{name: "kubectl-blueprint validate DIR", command: r.tool("kubectl-blueprint", "validate", dir)}},
		before:     func(context.Context) error { return writeRecipes(dir, count) },
	}
}

// groupPart shows whether a group of twice the size takes twice the time.
func groupPart(r *runner) part {
	group := func(members int) contender {
		file := filepath.Join(r.dir, fmt.Sprintf("group-%d.json", members))
		return contender{
			name:    fmt.Sprintf("kubectl-blueprint render, %d members", members),
			command: r.tool("kubectl-blueprint", "render", file),
			prepare: func(context.Context) error { return writeGroup(file, members) },
		}
	}
	half, whole := group(250), group(500)
	return part{
		name: "group", title: "A group of members that each refer to the one before", runs: r.runs,
		contenders: []contender{half, whole},
		ratios:     []ratio{{ours: half.name, theirs: whole.name}},
	}
}

// writeRecipes writes a directory of services that differ in their names.
func writeRecipes(dir string, count int) error {
	text, err := os.ReadFile("testdata/recipes/nim-service.json")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for i := range count {
		recipe, err := named(text, fmt.Sprintf("recipe %d", i))
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("recipe-%05d.json", i)), recipe, 0o644); err != nil {
			return err
		}
	}
	return nil
}
