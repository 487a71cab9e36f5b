package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// runner runs the contenders.
type runner struct {
	runs       int
	dir        string // for files of the run, removed at the end
	bin        string // where make puts the tools
	kubeconfig string
	env        []string
	stdout     io.Writer
	stderr     io.Writer
}

// newRunner looks for the tools that make has built. The tools see the test
// cluster and caches of their own, not the user's.
func newRunner(dir string, opts options) (*runner, error) {
	// Copies, because the page cache holds a file that the linker has just written in
	// larger pieces than a copied one, which adds 8 MB to the peak RSS.
	bin := filepath.Join(dir, "bin")
	if err := os.Mkdir(bin, 0o755); err != nil {
		return nil, err
	}
	for _, tool := range []string{"kubectl-blueprint", "kubectl", "helm"} {
		if _, err := os.Stat(filepath.Join("bin", tool)); err != nil {
			return nil, fmt.Errorf("bin/%s is missing: run make bench", tool)
		}
		if err := exec.Command("cp", filepath.Join("bin", tool), bin).Run(); err != nil {
			return nil, fmt.Errorf("copying bin/%s: %w", tool, err)
		}
	}
	r := &runner{runs: opts.runs, dir: dir, bin: bin, stdout: os.Stdout, stderr: os.Stderr}
	r.kubeconfig = os.Getenv("BLUEPRINT_TEST_CLUSTER")
	r.env = append(os.Environ(),
		"PATH="+bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"KUBECONFIG="+r.kubeconfig,
		"KUBECACHEDIR="+filepath.Join(dir, "cache"),
		"HELM_CACHE_HOME="+filepath.Join(dir, "helm"),
		"HELM_CONFIG_HOME="+filepath.Join(dir, "helm"),
		"HELM_DATA_HOME="+filepath.Join(dir, "helm"),
	)
	return r, nil
}

func (r *runner) tool(name string, args ...string) []string {
	return append([]string{filepath.Join(r.bin, name)}, args...)
}

// run runs all contenders of a part, in turn, and prints its table.
func (r *runner) run(ctx context.Context, p part) error {
	if p.before != nil {
		if err := p.before(ctx); err != nil {
			return fmt.Errorf("%s: %w", p.name, err)
		}
	}
	samples := make([][]sample, len(p.contenders))
	for round := range p.runs + 1 { // round 0 is the warm-up
		for turn := range p.contenders {
			i := (round + turn) % len(p.contenders) // nobody always comes after the same one
			c := p.contenders[i]
			if c.once && round != 1 {
				continue
			}
			s, err := r.once(ctx, c)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", p.name, c.name, err)
			}
			if p.cluster { // the others are done in seconds
				_, _ = fmt.Fprintf(r.stderr, "%s %s: %s %s\n", p.name, roundName(round, p.runs), c.name, seconds(s.wall))
			}
			if round > 0 {
				samples[i] = append(samples[i], s)
			}
		}
	}
	return printPart(r.stdout, p, samples)
}

func roundName(round, runs int) string {
	if round == 0 {
		return "warm-up"
	}
	return fmt.Sprintf("%d/%d", round, runs)
}

// once takes a contender through one run.
func (r *runner) once(ctx context.Context, c contender) (sample, error) {
	if c.prepare != nil {
		if err := c.prepare(ctx); err != nil {
			return sample{}, fmt.Errorf("preparing: %w", err)
		}
	}
	run := c.run
	if run == nil {
		run = func(ctx context.Context) (sample, error) { return r.measure(ctx, c.command, nil) }
	}
	s, err := run(ctx)
	if err == nil && c.verify != nil {
		err = c.verify(ctx)
	}
	return s, err
}

// measure runs a command to its end. A nil stdout discards what it prints.
func (r *runner) measure(ctx context.Context, command []string, stdout *os.File) (sample, error) {
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env, cmd.Stderr, cmd.WaitDelay = r.env, &stderr, time.Second
	if stdout != nil { // a nil *os.File is no nil io.Writer
		cmd.Stdout = stdout
	}
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if err != nil {
		text := strings.TrimSpace(stderr.String())
		return sample{}, fmt.Errorf("%s: %w: %s", filepath.Base(command[0]), err, text[max(0, len(text)-500):])
	}
	usage := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	return sample{
		wall: wall,
		cpu:  cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime(),
		rss:  peakBytes(usage),
	}, nil
}
