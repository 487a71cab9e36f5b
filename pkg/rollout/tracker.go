package rollout

import (
	"fmt"
	"maps"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// tracker keeps state between the evaluations of a watch: since when a symptom has
// lasted and how often it occurred.
type tracker struct {
	firstSeen map[string]time.Time // by symptom, and by the key of a timer
	pulls     map[string]pullAttempts
	exitCodes map[string]exitStreak
	touched   map[string]bool // the keys of firstSeen used by the current evaluation
	observed  map[string]bool // the workloads that existed in an earlier evaluation

	evictions map[string]map[types.UID]bool // the pods evicted for a limit of their own, by revision
}

// pullAttempts counts a container's failed image pulls of the same kind. The kubelet
// reports ErrImagePull after each attempt and ImagePullBackOff between attempts.
type pullAttempts struct {
	kind   kind
	count  int
	failed bool // in the last evaluation
}

// exitStreak is a series of crashes of a container with the same exit code.
type exitStreak struct {
	code  int32
	first int // the number of its first crash
}

// newTracker returns an empty tracker.
func newTracker() *tracker {
	return &tracker{firstSeen: map[string]time.Time{}, pulls: map[string]pullAttempts{}, exitCodes: map[string]exitStreak{}, touched: map[string]bool{}, observed: map[string]bool{}, evictions: map[string]map[types.UID]bool{}}
}

// begin starts an evaluation.
func (t *tracker) begin() { clear(t.touched) }

// end finishes an evaluation and forgets the keys that it did not use.
func (t *tracker) end() {
	maps.DeleteFunc(t.firstSeen, func(key string, _ time.Time) bool { return !t.touched[key] })
}

// recordEvictions counts evicted pods, which may be deleted before the next one.
func (t *tracker) recordEvictions(v view) {
	for _, w := range v.workloads {
		for _, p := range w.pods {
			if !p.evictedForItself() {
				continue
			}
			if t.evictions[p.revision] == nil {
				t.evictions[p.revision] = map[types.UID]bool{}
			}
			t.evictions[p.revision][p.UID] = true
		}
	}
}

// seenSince returns the time since which every evaluation has used key.
func (t *tracker) seenSince(key string, now time.Time) time.Time {
	t.touched[key] = true
	if at, ok := t.firstSeen[key]; ok {
		return at
	}
	t.firstSeen[key] = now
	return now
}

// setState sets the state of a status by the rule of its symptom. It returns when
// the symptom's age will change the outcome, or zero.
func (t *tracker) setState(s *Status, now time.Time) (requeueAt time.Time) {
	if s.symptom.source == 0 {
		return time.Time{}
	}
	c, _ := classify(s.symptom)
	t.adjustCount(s, c.kind)
	at := t.seenSince(fmt.Sprintf("%s %s %d %s", s.uid, s.Container, c.source, c.kind), now)
	s.symptom.age = now.Sub(at)
	switch _, v := classify(s.symptom); {
	case v == terminal:
		s.State = Failed
	case c.outcome == terminal:
		s.State = Degraded
		if c.age > s.symptom.age {
			requeueAt = at.Add(c.age)
		}
	}
	return requeueAt
}

// adjustCount corrects the occurrences of a symptom by earlier evaluations.
func (t *tracker) adjustCount(s *Status, of kind) {
	key := s.uid + " " + s.Container
	switch s.symptom.source {
	case onPod:
		if of == kindDisk {
			s.symptom.count = len(t.evictions[s.pod.revision])
		}
	case onContainer:
		tries := t.pulls[key]
		if tries.kind != of {
			tries = pullAttempts{kind: of}
		}
		failed := s.symptom.reason == "ErrImagePull"
		if failed && !tries.failed || tries.count == 0 {
			tries.count++
		}
		tries.failed = failed
		t.pulls[key] = tries
		s.symptom.count = max(s.symptom.count, tries.count)
	case onCrash:
		last, known := t.exitCodes[key]
		if !known {
			last = exitStreak{s.symptom.exit, 1}
		} else if last.code != s.symptom.exit {
			last = exitStreak{s.symptom.exit, s.symptom.count}
		}
		t.exitCodes[key] = last
		s.symptom.count -= last.first - 1
	}
}
