package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
)

// batch is how many secrets a part is about.
const batch = 1000

// The contenders of the parts about secrets.
const (
	applyName      = "kubectl-blueprint secrets apply"
	allName        = "kubectl-blueprint secrets apply --all-or-nothing"
	createName     = "kubectl create -f"
	twiceName      = "kubectl create --dry-run=server -f && kubectl create -f"
	replaceName    = "kubectl replace -f"
	deleteName     = "kubectl delete -f --wait=false"
	clientSideName = "kubectl apply -f"
	serverSideName = "kubectl apply --server-side -f"
	bareName       = "client-go loop"
)

// The targets of secrets apply, in wall time.
const (
	overCreate = 2.5  // times as fast as kubectl create; all or nothing, as kubectl create after its dry run
	overApply  = 6    // times as fast as kubectl apply, if all Secrets are created
	overNoop   = 50   // times as fast as kubectl apply, if nothing changes
	nearBare   = 0.77 // of the speed of a client-go loop: 1.3 times its time
)

// secretsBench makes the contenders of the parts about secrets. They start
// either with an empty namespace or with the first generation of all secrets,
// written by whoever is to change them.
type secretsBench struct {
	*runner
	*cluster
	inputs
	self string // this program
}

func newSecretsBench(r *runner, c *cluster) (*secretsBench, error) {
	self, err := os.Executable()
	return &secretsBench{runner: r, cluster: c, inputs: inputs{dir: r.dir}, self: self}, err
}

func (b *secretsBench) apply(name, file string, flags ...string) contender {
	args := append([]string{"secrets", "apply", "-n", b.namespace, "-f", file}, flags...)
	return contender{name: name, command: b.tool("kubectl-blueprint", args...)}
}

func (b *secretsBench) kubectl(name string, generation int, args ...string) contender {
	args = append(args, "-n", b.namespace, "-f", b.manifests(generation))
	return contender{name: name, command: b.tool("kubectl", args...)}
}

// twice is what secrets apply --all-or-nothing does, with kubectl.
func (b *secretsBench) twice() contender {
	create := b.kubectl("", 0, "create").command
	return contender{name: twiceName, command: append([]string{"sh", "-c", `"$@" --dry-run=server && "$@"`, "sh"}, create...)}
}

func (b *secretsBench) bare(action string, generation int) contender {
	return contender{name: bareName, command: []string{
		b.self, bareCommand, action, b.namespace, strconv.Itoa(batch), strconv.Itoa(generation),
	}}
}

// fromNothing has the contenders start with an empty namespace and end with
// count secrets.
func (b *secretsBench) fromNothing(count int, contenders ...contender) []contender {
	for i := range contenders {
		contenders[i].prepare = b.clear
		contenders[i].verify = func(ctx context.Context) error { return b.check(ctx, count, 0) }
	}
	return contenders
}

// seeded has a contender start with what another one has created, and end as
// verify says.
func (b *secretsBench) seeded(seed, c contender, verify func(context.Context) error) contender {
	c.prepare = func(ctx context.Context) error {
		if err := b.clear(ctx); err != nil {
			return err
		}
		if _, err := b.measure(ctx, seed.command, nil); err != nil {
			return fmt.Errorf("creating what is to be changed: %w", err)
		}
		return b.snapshot(ctx)
	}
	c.verify = verify
	return c
}
