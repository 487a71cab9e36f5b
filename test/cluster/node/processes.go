package node

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/cache"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/process"
)

const (
	probePeriod = 100 * time.Millisecond
	// stopTimeout limits the grace period of a pod.
	stopTimeout = 5 * time.Second

	// The back-off of a kubelet between the restarts of a container. The first restart
	// is immediate.
	firstBackOff = 10 * time.Second
	lastBackOff  = 5 * time.Minute

	crashLoop = "CrashLoopBackOff"
)

// serverCommand returns the command that runs in place of a container, or nil. A container
// that requests GPUs in a pod that always restarts is a model server.
func (n *Node) serverCommand(p *pod, c container) []string {
	if len(n.config.ModelServer) == 0 || c.init || p.Spec.RestartPolicy != corev1.RestartPolicyAlways || !requestsGPUs(c.Container) {
		return nil
	}
	command := append(slices.Clone(n.config.ModelServer), "-name="+modelName(c.Container))
	if all := ports(c.Container); len(all) > 0 {
		command = append(command, "-port="+strconv.Itoa(int(all[0])))
	}
	return command
}

func requestsGPUs(c *corev1.Container) bool {
	for name := range c.Resources.Limits {
		if strings.HasPrefix(string(name), "nvidia.com/") || strings.HasPrefix(string(name), "amd.com/") {
			return true
		}
	}
	return false
}

// modelName returns the model in a container's arguments, or the one for which a NIM
// image is named.
func modelName(c *corev1.Container) string {
	var words []string
	for _, arg := range slices.Concat(c.Command, c.Args) {
		words = append(words, strings.Fields(arg)...)
	}
	for _, flag := range []string{"--served-model-name", "--model", "--model-path", "--model-id"} {
		for i, word := range words {
			if value, ok := strings.CutPrefix(word, flag+"="); ok {
				return value
			}
			if word == flag && i+1 < len(words) {
				return words[i+1]
			}
		}
	}
	if i := slices.Index(words, "serve"); i >= 0 && i+1 < len(words) { // vllm serve MODEL
		return words[i+1]
	}
	name := repository(c.Image)
	if _, model, ok := strings.Cut(name, "/nim/"); ok {
		return model
	}
	return name[strings.LastIndexByte(name, '/')+1:]
}

// run starts a run of a container, with a process if it has a command. It reports
// whether there is a process to probe.
func (n *Node) run(p *pod, c container, id string, environment []string) (bool, error) {
	command := n.serverCommand(p, c)
	if command == nil {
		n.runs.add(p.UID, c.Name, newRun())
		return false, nil
	}
	dir := filepath.Join(n.config.Dir, id[:12]) // short, for the path of the socket
	server, err := process.Start(process.Config{Dir: dir, Command: command, Env: environment})
	if err != nil {
		return false, err
	}
	n.runs.add(p.UID, c.Name, &run{ended: server.Ended(), process: server, dir: dir})
	name := cache.MetaObjectToName(p.Pod)
	go func() {
		<-server.Ended()
		n.queue.Add(name)
	}()
	return true, nil
}

// stop ends a running container that its pod no longer needs, and returns its exit code.
func (n *Node) stop(ctx context.Context, p *pod, c container) int32 {
	latest := n.runs.latest(p.UID, c.Name)
	if latest == nil || latest.process == nil {
		return terminated
	}
	grace := stopTimeout
	if s := p.DeletionGracePeriodSeconds; s != nil {
		grace = min(grace, time.Duration(*s)*time.Second)
	}
	ctx, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	latest.stop(ctx)
	return latest.process.ExitCode()
}

// restart makes a container wait whose process has ended.
func (n *Node) restart(p *pod, c container) {
	latest := n.runs.latest(p.UID, c.Name)
	if c.status.State.Running == nil || latest == nil || latest.process == nil || !latest.hasEnded() {
		return
	}
	end(c, latest.process.ExitCode())
	c.status.LastTerminationState = c.status.State
	subject := fmt.Sprintf("%s_%s(%s)", p.Name, p.Namespace, p.UID)
	c.status.State = corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{
		Reason:  crashLoop,
		Message: fmt.Sprintf("back-off %s restarting failed container=%s pod=%s", backOff(c), c.Name, subject),
	}}
	if backOffLeft(c) > 0 {
		n.warn(p, &c, "BackOff", fmt.Sprintf("Back-off restarting failed container %s in pod %s", c.Name, subject))
	}
}

// backOff returns the time between the end of a container and its restart.
func backOff(c container) time.Duration {
	if c.status.RestartCount == 0 {
		return 0
	}
	return min(firstBackOff<<min(c.status.RestartCount-1, 10), lastBackOff)
}

// backOffLeft returns how long a crashed container still has to wait.
func backOffLeft(c container) time.Duration {
	if w := c.status.State.Waiting; w == nil || w.Reason != crashLoop {
		return 0
	}
	return backOff(c) - time.Since(c.status.LastTerminationState.Terminated.FinishedAt.Time)
}

// probe marks a container as ready once its process is healthy. It returns when to look
// again.
func (n *Node) probe(ctx context.Context, p *pod, c container) time.Duration {
	latest := n.runs.latest(p.UID, c.Name)
	if c.status.Ready || latest == nil || latest.process == nil {
		return 0
	}
	if !latest.process.Healthy(ctx) {
		return probePeriod
	}
	c.status.Started, c.status.Ready = new(true), true
	return 0
}
