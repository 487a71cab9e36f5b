package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	latencyName = "kubectl-blueprint deploy"
	reason      = "CreateContainerConfigError"
)

// latencyPart is about the time from an event to its line. The event is what a
// watch of the pods shows here; helm and kubectl never print it.
func latencyPart(r *runner, c *cluster) part {
	return part{
		name: "latency", title: "From the kubelet's word to the line on screen: below 1 s is wanted", runs: r.runs,
		contenders: []contender{{
			name: latencyName, prepare: c.clearWorkloads,
			run: func(ctx context.Context) (sample, error) { return lineAfterEvent(ctx, r, c) },
		}},
	}
}

// lineAfterEvent deploys a recipe whose secret is missing. The sample's wall
// time is from the event to the line, or 0 where the line came first.
func lineAfterEvent(ctx context.Context, r *runner, c *cluster) (sample, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	recipe := filepath.Join(r.dir, "missing-secret.json")
	text := `{"recipe_mode": "service", "deployment_name": "late", "recipe_image_uri": "127.0.0.1:1/app:1", "recipe_container_port": 80,
		"recipe_environment_secrets": [{"envvar_name": "TOKEN", "secret_name": "none", "secret_key": "token"}]}`
	if err := os.WriteFile(recipe, []byte(text), 0o644); err != nil {
		return sample{}, err
	}
	event := make(chan time.Time, 1)
	watch, err := c.client.Pods(c.namespace).Watch(ctx, metav1.ListOptions{})
	if err != nil {
		return sample{}, err
	}
	defer watch.Stop()
	go func() {
		for change := range watch.ResultChan() {
			if pod, ok := change.Object.(*corev1.Pod); ok && waits(pod) {
				event <- time.Now()
				return
			}
		}
	}()
	line, err := r.firstLine(ctx, reason, "deploy", recipe, "-n", c.namespace, "--preflight=off")
	if err != nil {
		return sample{}, err
	}
	select {
	case seen := <-event:
		return sample{wall: max(0, line.Sub(seen))}, nil
	case <-ctx.Done():
		return sample{}, ctx.Err()
	}
}

func waits(pod *corev1.Pod) bool {
	for _, status := range pod.Status.ContainerStatuses {
		if status.State.Waiting != nil && status.State.Waiting.Reason == reason {
			return true
		}
	}
	return false
}

// firstLine runs the plugin until it writes a line with text, and tells when.
func (r *runner) firstLine(ctx context.Context, text string, args ...string) (time.Time, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	command := r.tool("kubectl-blueprint", args...)
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = r.env
	stderr, err := cmd.StderrPipe()
	if err != nil {
		return time.Time{}, err
	}
	if err := cmd.Start(); err != nil {
		return time.Time{}, err
	}
	defer func() { cancel(); _ = cmd.Wait() }() // it was killed
	lines := bufio.NewScanner(stderr)
	var last string
	for lines.Scan() {
		if last = lines.Text(); strings.Contains(last, text) {
			return time.Now(), nil
		}
	}
	return time.Time{}, errors.Join(fmt.Errorf("no line with %s; the last was %q", text, last), lines.Err())
}
