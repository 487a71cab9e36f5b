package rollout

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/resourceversion"
)

// event is an event about an object or about a container of a pod.
type event struct {
	warning   bool
	reason    string
	message   string
	container string
	count     int32
	version   string // resource version, which orders events
	last      time.Time
}

// containerPath matches the field path by which the kubelet names a container:
// "spec.containers{main}".
var containerPath = regexp.MustCompile(`^spec\.(?:initC|c|ephemeralC)ontainers\{(.+)\}$`)

// decodeEvents returns events in the order of their last occurrence.
func decodeEvents(objects []any) []event {
	var all []event
	for _, obj := range objects {
		o, ok := obj.(*unstructured.Unstructured)
		if !ok {
			continue
		}
		var e corev1.Event
		if runtime.DefaultUnstructuredConverter.FromUnstructured(o.Object, &e) != nil {
			continue
		}
		decoded := event{warning: e.Type == corev1.EventTypeWarning, reason: e.Reason, message: e.Message, count: max(e.Count, 1), version: e.ResourceVersion, last: e.LastTimestamp.Time}
		if e.Series != nil {
			decoded.count = max(decoded.count, e.Series.Count)
			decoded.last = e.Series.LastObservedTime.Time
		}
		if match := containerPath.FindStringSubmatch(e.InvolvedObject.FieldPath); match != nil {
			decoded.container = match[1]
		}
		all = append(all, decoded)
	}
	slices.SortFunc(all, func(a, b event) int {
		return cmp.Or(compareVersions(a.version, b.version), cmp.Compare(a.message, b.message))
	})
	return all
}

// compareVersions compares resource versions, by length if they are not numbers.
func compareVersions(a, b string) int {
	order, err := resourceversion.CompareResourceVersion(a, b)
	if err != nil {
		return cmp.Compare(len(a), len(b))
	}
	return order
}

// latest returns the last event with one of the reasons about a container, or about the
// pod itself if container is "".
func latest(events []event, container string, reasons ...string) *event {
	for i := len(events) - 1; i >= 0; i-- {
		if e := &events[i]; e.container == container && slices.Contains(reasons, e.reason) {
			return e
		}
	}
	return nil
}

// failedPulls returns how often pulling a container's image failed with the error in
// message. Other errors and started pulls do not count: the kubelet may have pulled
// without credentials before the secret existed.
func failedPulls(events []event, container, message string) int {
	n := 0
	for _, e := range events {
		if m := failedPull.FindStringSubmatch(e.message); e.container == container && m != nil && strings.HasSuffix(message, m[1]) {
			n += int(e.count)
		}
	}
	return n
}

var failedPull = regexp.MustCompile(`^Failed to pull image "[^"]*": (.+)$`)
