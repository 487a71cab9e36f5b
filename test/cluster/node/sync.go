package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

// terminated is the exit code of a container that SIGTERM has ended.
const terminated = 143

// errHeld makes the queue look at a held pod again.
var errHeld = errors.New("held by something missing")

// sync takes a pod as far as it can go, writing each state that a watcher
// should see. It returns when to look again.
func (n *Node) sync(ctx context.Context, p *pod) (time.Duration, error) {
	if p.DeletionTimestamp != nil {
		return 0, n.remove(ctx, p)
	}
	if final(p.status.Phase) || final(p.Status.Phase) {
		return 0, nil
	}
	if n.correcting() {
		p.adoptReady()
	}
	next := p.status.DeepCopy()
	if next.StartTime == nil {
		n.accept(p, next)
		if err := n.write(ctx, p, next); err != nil {
			return 0, err
		}
		next = p.status.DeepCopy()
	}
	result, err := n.advance(ctx, p, next)
	if err != nil {
		return 0, err
	}
	if err := n.write(ctx, p, next); err != nil {
		return 0, err
	}
	if result.held {
		return 0, errHeld
	}
	return result.again, nil
}

func final(phase corev1.PodPhase) bool {
	return phase == corev1.PodSucceeded || phase == corev1.PodFailed
}

// remove ends a pod that is being deleted. Its last status is written before
// it goes, as a Job counts what became of its pods.
func (n *Node) remove(ctx context.Context, p *pod) error {
	if !final(p.status.Phase) {
		next := p.status.DeepCopy()
		for _, c := range append(
			containers(p.Spec.InitContainers, next.InitContainerStatuses, true),
			containers(p.Spec.Containers, next.ContainerStatuses, false)...) {
			if c.status.State.Running != nil {
				n.tell(p, c, corev1.EventTypeNormal, "Killing", "Stopping container "+c.Name)
				end(c, n.stop(ctx, p, c))
			}
		}
		next.Phase = corev1.PodFailed
		if err := n.write(ctx, p, next); err != nil {
			return err
		}
	}
	err := n.client.CoreV1().Pods(p.Namespace).Delete(ctx, p.Name, metav1.DeleteOptions{
		GracePeriodSeconds: new(int64(0)),
		Preconditions:      &metav1.Preconditions{UID: &p.UID},
	})
	return ignoreGone(err)
}

// write patches the pod's status to next. A patch leaves alone what others
// write there; the UID in it keeps it from a new pod of the same name.
func (n *Node) write(ctx context.Context, p *pod, next *corev1.PodStatus) error {
	settle(p.Pod, next)
	if equality.Semantic.DeepEqual(&p.status, next) {
		return nil
	}
	patch, err := statusPatch(&p.status, next, p.UID)
	if err != nil {
		return err
	}
	_, err = n.client.CoreV1().Pods(p.Namespace).Patch(ctx, p.Name, types.StrategicMergePatchType, patch, metav1.PatchOptions{}, "status")
	if err := ignoreGone(err); err != nil {
		return fmt.Errorf("pod %s/%s: %w", p.Namespace, p.Name, err)
	}
	p.status = *next
	n.endRuns(p)
	return nil
}

// endRuns ends the runs of terminated containers that have no process.
func (n *Node) endRuns(p *pod) {
	for _, c := range slices.Concat(p.status.InitContainerStatuses, p.status.ContainerStatuses) {
		if latest := n.runs.latest(p.UID, c.Name); latest != nil && latest.process == nil && c.State.Terminated != nil {
			latest.end()
		}
	}
}

func statusPatch(from, to *corev1.PodStatus, uid types.UID) ([]byte, error) {
	before, err := json.Marshal(corev1.Pod{Status: *from})
	if err != nil {
		return nil, err
	}
	after, err := json.Marshal(corev1.Pod{ObjectMeta: metav1.ObjectMeta{UID: uid}, Status: *to})
	if err != nil {
		return nil, err
	}
	return strategicpatch.CreateTwoWayMergePatch(before, after, corev1.Pod{})
}

// ignoreGone forgives what a pod's deletion brings: the watch will tell of it.
func ignoreGone(err error) error {
	if apierrors.IsNotFound(err) || apierrors.IsConflict(err) {
		return nil
	}
	return err
}
