package rollout

import (
	"fmt"
	"maps"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// tracker is what a watch keeps between two looks: since when something is as
// it is, and how often it was.
type tracker struct {
	firstSeen map[string]time.Time // by symptom, and by what a budget is for
	pulls     map[string]pullAttempts
	exitCodes map[string]exitStreak
	touched   map[string]bool // the keys of since in the present look
	observed  map[string]bool // the workloads that were there in an earlier look

	evictions map[string]map[types.UID]bool // the pods evicted for a limit of their own, by revision
}

// pullAttempts counts how often a container's image could not be pulled for one
// kind of cause. The kubelet says ErrImagePull after each attempt, and
// ImagePullBackOff between two.
type pullAttempts struct {
	kind   kind
	count  int
	failed bool // in the last look
}

// exitStreak are the crashes of a container that ended with the same exit code.
type exitStreak struct {
	code  int32
	first int // the number of the first of them
}

func newTracker() *tracker {
	return &tracker{firstSeen: map[string]time.Time{}, pulls: map[string]pullAttempts{}, exitCodes: map[string]exitStreak{}, touched: map[string]bool{}, observed: map[string]bool{}, evictions: map[string]map[types.UID]bool{}}
}

// begin and end enclose a look: what is not seen in it is forgotten.
func (t *tracker) begin() { clear(t.touched) }

func (t *tracker) end() {
	maps.DeleteFunc(t.firstSeen, func(key string, _ time.Time) bool { return !t.touched[key] })
}

// recordEvictions adds the evictions of a view, whose pods may be removed later.
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

// seenSince returns when key was first seen in an unbroken row of looks.
func (t *tracker) seenSince(key string, now time.Time) time.Time {
	t.touched[key] = true
	if at, ok := t.firstSeen[key]; ok {
		return at
	}
	t.firstSeen[key] = now
	return now
}

// setState sets the state of a status by the cause of its symptom. again is when
// the symptom's age makes another verdict.
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

// adjustCount corrects how often a symptom was there by what earlier looks saw.
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
