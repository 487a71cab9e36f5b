package node

import (
	"context"
	"os"
	"sync"

	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/process"
)

// run is one run of a container, from its start to its end.
type run struct {
	ended   <-chan struct{}
	end     func() // of a run without a process
	process *process.Process
	dir     string // of the process
}

// newRun returns the run of a container without a process: it prints nothing and listens
// on no port.
func newRun() *run {
	ended := make(chan struct{})
	return &run{ended: ended, end: sync.OnceFunc(func() { close(ended) })}
}

// stop ends a run, and its process with SIGKILL if ctx is done before.
func (r *run) stop(ctx context.Context) {
	if r.process == nil {
		r.end()
		return
	}
	r.process.Stop(ctx)
}

// hasEnded reports whether a run has ended.
func (r *run) hasEnded() bool {
	select {
	case <-r.ended:
		return true
	default:
		return false
	}
}

// runs are the runs of all containers of the node, the latest of a container last. They
// are kept until the pod is deleted.
type runs struct {
	mu   sync.Mutex
	pods map[types.UID]map[string][]*run
}

func newRuns() *runs { return &runs{pods: map[types.UID]map[string][]*run{}} }

func (r *runs) add(pod types.UID, container string, one *run) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pods[pod] == nil {
		r.pods[pod] = map[string][]*run{}
	}
	r.pods[pod][container] = append(r.pods[pod][container], one)
}

// latest returns the latest run of a container, or nil.
func (r *runs) latest(pod types.UID, container string) *run { return r.before(pod, container, 0) }

// before returns a run of a container that n others have followed, or nil.
func (r *runs) before(pod types.UID, container string, n int) *run {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := r.pods[pod][container]
	if n >= len(all) {
		return nil
	}
	return all[len(all)-1-n]
}

// forget kills what still runs in a pod, and deletes its logs.
func (r *runs) forget(pod types.UID) {
	r.mu.Lock()
	containers := r.pods[pod]
	delete(r.pods, pod)
	r.mu.Unlock()
	now, cancel := context.WithCancel(context.Background())
	cancel()
	for _, all := range containers {
		for _, one := range all {
			one.stop(now)
			if one.dir != "" {
				_ = os.RemoveAll(one.dir)
			}
		}
	}
}

// forgetAll forgets all pods.
func (r *runs) forgetAll() {
	r.mu.Lock()
	var pods []types.UID
	for pod := range r.pods {
		pods = append(pods, pod)
	}
	r.mu.Unlock()
	for _, pod := range pods {
		r.forget(pod)
	}
}
