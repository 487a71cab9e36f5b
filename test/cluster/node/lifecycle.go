package node

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	initDuration = 20 * time.Millisecond  // an init container's run
	jobDuration  = 200 * time.Millisecond // long enough for a Job's pod to be seen Running
)

// progress is what came of looking at a pod once.
type progress struct {
	held  bool          // something is missing: look again soon
	again time.Duration // a container ends by then
}

// accept is the first thing a kubelet writes about a pod: it has seen it.
func (n *Node) accept(p *pod, s *corev1.PodStatus) {
	now := metav1.Now()
	s.StartTime = &now
	s.HostIP = n.config.IP
	s.HostIPs = []corev1.HostIP{{IP: n.config.IP}}
	reason := "ContainerCreating"
	if len(p.Spec.InitContainers) > 0 {
		reason = "PodInitializing"
	}
	waiting := func(specs []corev1.Container) (statuses []corev1.ContainerStatus) {
		for _, c := range specs {
			statuses = append(statuses, corev1.ContainerStatus{
				Name:    c.Name,
				Image:   c.Image,
				Started: new(false),
				State:   corev1.ContainerState{Waiting: &corev1.ContainerStateWaiting{Reason: reason}},
			})
		}
		return statuses
	}
	s.InitContainerStatuses = waiting(p.Spec.InitContainers)
	s.ContainerStatuses = waiting(p.Spec.Containers)
}

// advance takes an accepted pod as far as it can go now.
func (n *Node) advance(ctx context.Context, p *pod, s *corev1.PodStatus) (progress, error) {
	refs := newReferences(n.client, p.Namespace)
	if s.PodIP == "" {
		if n.volumesMissing(ctx, p, refs) {
			return progress{held: true}, nil
		}
		n.warnOfPullSecrets(ctx, p, refs)
		if err := n.giveAddress(p, s); err != nil {
			return progress{}, err
		}
	}
	for _, c := range containers(p.Spec.InitContainers, s.InitContainerStatuses, true) {
		if c.status.State.Waiting != nil && !n.start(ctx, p, c, refs) {
			return progress{held: true}, nil
		}
		if c.sidecar() {
			continue
		}
		if left := finish(c, initDuration); left > 0 {
			return progress{again: left}, nil
		}
	}
	var result progress
	for _, c := range containers(p.Spec.Containers, s.ContainerStatuses, false) {
		n.restart(p, c)
		if left := backOffLeft(c); left > 0 {
			result.again = soonest(result.again, left)
			continue
		}
		if c.status.State.Waiting != nil && !n.start(ctx, p, c, refs) {
			result.held = true
			continue
		}
		result.again = soonest(result.again, n.probe(ctx, p, c))
		if p.Spec.RestartPolicy != corev1.RestartPolicyAlways && c.status.State.Running != nil {
			result.again = max(result.again, finish(c, jobDuration))
		}
	}
	return result, nil
}

// soonest returns the shorter of two times, of which 0 is none.
func soonest(a, b time.Duration) time.Duration {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}

func containers(specs []corev1.Container, statuses []corev1.ContainerStatus, init bool) []container {
	var all []container
	for i := range min(len(specs), len(statuses)) {
		all = append(all, container{&specs[i], &statuses[i], init})
	}
	return all
}

func (n *Node) giveAddress(p *pod, s *corev1.PodStatus) error {
	ip := n.config.IP
	if !p.Spec.HostNetwork {
		var err error
		if ip, err = n.addrs.take(p.UID); err != nil {
			n.warn(p, nil, "FailedCreatePodSandBox", err.Error())
			return err
		}
	}
	s.PodIP, s.PodIPs = ip, []corev1.PodIP{{IP: ip}}
	return nil
}

// volumesMissing tells of each volume that cannot be set up.
func (n *Node) volumesMissing(ctx context.Context, p *pod, refs *references) bool {
	missing := false
	for _, v := range p.Spec.Volumes {
		if err := refs.volume(ctx, v.VolumeSource); err != nil {
			n.warn(p, nil, "FailedMount", fmt.Sprintf("MountVolume.SetUp failed for volume %q : %v", v.Name, err))
			missing = true
		}
	}
	return missing
}

// warnOfPullSecrets tells of missing pull secrets, and the pull goes on. A
// kubelet 1.37 tells only when the pull has failed too, as it would with
// a private image; here no pull fails, and the event is all there is to see.
func (n *Node) warnOfPullSecrets(ctx context.Context, p *pod, refs *references) {
	var missing []string
	for _, ref := range p.Spec.ImagePullSecrets {
		if ref.Name == "" {
			continue
		}
		if _, err := refs.secret(ctx, ref.Name); err != nil {
			missing = append(missing, ref.Name)
		}
	}
	if len(missing) > 0 {
		n.warn(p, nil, "FailedToRetrieveImagePullSecret", fmt.Sprintf(
			"Unable to retrieve some image pull secrets (%s); attempting to pull the image may not succeed.", strings.Join(missing, ", ")))
	}
}

// start pulls a container's image and runs it, or says why it cannot.
func (n *Node) start(ctx context.Context, p *pod, c container, refs *references) bool {
	if !p.pulled[c.path()] {
		n.pull(p, c)
		p.pulled[c.path()] = true
	}
	fail := func(reason string, err error) bool {
		n.warn(p, &c, "Failed", "Error: "+err.Error())
		c.status.State.Waiting = &corev1.ContainerStateWaiting{Reason: reason, Message: err.Error()}
		return false
	}
	environment, err := refs.environment(ctx, c.Container)
	if err != nil {
		return fail("CreateContainerConfigError", err)
	}
	restarts := c.status.RestartCount
	if c.status.LastTerminationState.Terminated != nil {
		restarts++
	}
	id := digest(fmt.Sprint(p.UID, c.path(), restarts))
	n.tell(p, c, corev1.EventTypeNormal, "Created", "Container created")
	probed, err := n.run(p, c, id, environment)
	if err != nil {
		return fail("RunContainerError", err)
	}
	n.tell(p, c, corev1.EventTypeNormal, "Started", "Container started")
	serves := !c.init || c.sidecar()
	c.status.Started = new(serves && (!probed || c.StartupProbe == nil))
	c.status.Ready = serves && (!probed || c.StartupProbe == nil && c.ReadinessProbe == nil)
	c.status.RestartCount = restarts
	c.status.ContainerID = "containerd://" + id
	c.status.ImageID = repository(c.Image) + "@sha256:" + digest(c.Image)
	c.status.State = corev1.ContainerState{Running: &corev1.ContainerStateRunning{StartedAt: metav1.Now()}}
	return true
}

func (n *Node) pull(p *pod, c container) {
	if first := n.firstPull(c.Image); !first && c.ImagePullPolicy != corev1.PullAlways {
		n.tell(p, c, corev1.EventTypeNormal, "Pulled", fmt.Sprintf("Container image %q already present on machine and can be accessed by the pod", c.Image))
		return
	}
	n.tell(p, c, corev1.EventTypeNormal, "Pulling", fmt.Sprintf("Pulling image %q", c.Image))
	n.tell(p, c, corev1.EventTypeNormal, "Pulled", fmt.Sprintf("Successfully pulled image %q in 0s (0s including waiting). Image size: 0 bytes.", c.Image))
}

// finish ends a container that has run for as long as it should, and returns
// how long it has left to run otherwise.
func finish(c container, after time.Duration) time.Duration {
	running := c.status.State.Running
	if running == nil {
		return 0
	}
	if left := after - time.Since(running.StartedAt.Time); left > 0 {
		return left
	}
	end(c, 0)
	return 0
}

// end stops a running container with an exit code.
func end(c container, code int32) {
	reason := "Completed"
	if code != 0 {
		reason = "Error"
	}
	c.status.State = corev1.ContainerState{Terminated: &corev1.ContainerStateTerminated{
		ExitCode:    code,
		Reason:      reason,
		StartedAt:   c.status.State.Running.StartedAt,
		FinishedAt:  metav1.Now(),
		ContainerID: c.status.ContainerID,
	}}
	c.status.Started = new(false)
	c.status.Ready = c.init && code == 0 // a finished init container counts as ready
}

func digest(s string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(s))) }

// repository is an image's name without its tag and digest.
func repository(image string) string {
	image, _, _ = strings.Cut(image, "@")
	if i := strings.LastIndexByte(image, ':'); i > strings.LastIndexByte(image, '/') {
		image = image[:i]
	}
	return image
}
