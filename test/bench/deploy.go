package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// The contenders of the parts about deploying.
const (
	deployName = "kubectl-blueprint deploy"
	blindName  = "kubectl-blueprint deploy --preflight=off"
	helmName   = "helm upgrade --install --wait"
	statusName = "kubectl apply -f && kubectl rollout status"
)

// deployBench makes the contenders that bring recipes to the cluster, and wait
// until their pods run. Its files are of services that differ in their names.
type deployBench struct {
	*runner
	*cluster
}

// deployParts are about one recipe and about many: for us a group, for the
// others one after the other, as scripts do it.
func deployParts(r *runner, c *cluster) []part {
	b := &deployBench{r, c}
	const probed = `, "recipe_readiness_probe_params": {"endpoint_path": "/health", "port": 80}`
	parts := []part{
		b.part("deploy", "From recipe to running pods: 1", 1, probed),
		b.part("deploy-unprobed", "From recipe to running pods: 1 without a probe, which has to stay up for 3 s", 1, ""),
		b.part("deploy-many", "From recipe to running pods: 100", 100, probed),
		latencyPart(r, c),
	}
	for i := range parts {
		parts[i].cluster = true
	}
	return parts
}

// part is about so many recipes that have these more keys.
func (b *deployBench) part(name, title string, count int, keys string) part {
	dir := filepath.Join(b.dir, name)
	ours := b.tool("kubectl-blueprint", "deploy", filepath.Join(dir, "group.json"), "-n", b.namespace)
	contenders := []contender{
		{name: deployName, command: ours},
		{name: blindName, command: append(ours, "--preflight=off")},
		{name: helmName, command: b.script(dir, `"$0/helm" upgrade --install recipe-$name charts/blueprint -f "$file" -n "$2" --wait || exit`)},
		{name: statusName, command: b.script(dir, `"$0/kubectl" apply -f "${file%.json}.yaml" -n "$2" || exit`,
			`"$0/kubectl" rollout status deployment/recipe-$name -n "$2" || exit`)},
	}
	for i := range contenders {
		contenders[i].prepare = b.clearWorkloads
		contenders[i].verify = func(ctx context.Context) error { return b.running(ctx, count) }
		contenders[i].once = count > 1 && i > 1
	}
	return part{
		name: name, title: title, runs: b.runs,
		contenders: contenders,
		ratios: []ratio{
			{deployName, helmName, 0}, {deployName, statusName, 0},
			{blindName, helmName, 0}, {blindName, statusName, 0},
		},
		before: func(ctx context.Context) error { return b.write(ctx, dir, count, keys) },
	}
}

// script is a shell that goes through all recipes with each command in turn.
// $0 is where the tools are, $1 where the recipes are, $2 the namespace.
func (b *deployBench) script(dir string, commands ...string) []string {
	var loops []string
	for _, command := range commands {
		loops = append(loops, `for file in "$1"/app-*.json; do name=$(basename "$file" .json); `+command+`; done`)
	}
	return []string{"sh", "-c", strings.Join(loops, "\n"), b.bin, dir, b.namespace}
}

// write writes the recipes, their manifests, and the group of all of them.
func (b *deployBench) write(ctx context.Context, dir string, count int, keys string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	var members []string
	for i := range count {
		name := fmt.Sprintf("app-%03d", i)
		recipe := fmt.Sprintf(`{"recipe_mode": "service", "deployment_name": %q, "recipe_image_uri": "127.0.0.1:1/app:1", "recipe_container_port": 80%s}`, name, keys)
		members = append(members, fmt.Sprintf(`{"name": %q, "recipe": %s}`, name, recipe))
		file := filepath.Join(dir, name+".json")
		if err := os.WriteFile(file, []byte(recipe), 0o644); err != nil {
			return err
		}
		manifest, err := os.Create(filepath.Join(dir, name+".yaml"))
		if err != nil {
			return err
		}
		_, err = b.measure(ctx, b.tool("kubectl-blueprint", "render", file), manifest)
		if err := manifest.Close(); err != nil {
			return err
		}
		if err != nil {
			return err
		}
	}
	group := fmt.Sprintf(`{"deployment_group": {"name": "all", "deployments": [%s]}}`, strings.Join(members, ","))
	return os.WriteFile(filepath.Join(dir, "group.json"), []byte(group), 0o644)
}
