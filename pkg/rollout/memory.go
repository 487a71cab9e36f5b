package rollout

import (
	"fmt"
	"maps"
	"time"

	"k8s.io/apimachinery/pkg/types"
)

// memory is what a watch keeps between two looks: since when something is as
// it is, and how often it was.
type memory struct {
	since map[string]time.Time // by symptom, and by what a budget is for
	pulls map[string]attempts
	exits map[string]exits
	fresh map[string]bool // the keys of since in the present look
	there map[string]bool // the workloads that were there in an earlier look

	evictions map[string]map[types.UID]bool // the pods evicted for a limit of their own, by revision
}

// attempts counts how often a container's image could not be pulled for one
// kind of cause. The kubelet says ErrImagePull after each attempt, and
// ImagePullBackOff between two.
type attempts struct {
	kind   kind
	count  int
	failed bool // in the last look
}

// exits are the crashes of a container that ended with the same exit code.
type exits struct {
	code  int32
	first int // the number of the first of them
}

func newMemory() *memory {
	return &memory{since: map[string]time.Time{}, pulls: map[string]attempts{}, exits: map[string]exits{}, fresh: map[string]bool{}, there: map[string]bool{}, evictions: map[string]map[types.UID]bool{}}
}

// begin and end enclose a look: what is not seen in it is forgotten.
func (m *memory) begin() { clear(m.fresh) }

func (m *memory) end() {
	maps.DeleteFunc(m.since, func(key string, _ time.Time) bool { return !m.fresh[key] })
}

// remember adds the evictions of a view, whose pods may be removed later.
func (m *memory) remember(v view) {
	for _, w := range v.workloads {
		for _, p := range w.pods {
			if !p.evictedForItself() {
				continue
			}
			if m.evictions[p.revision] == nil {
				m.evictions[p.revision] = map[types.UID]bool{}
			}
			m.evictions[p.revision][p.UID] = true
		}
	}
}

// first returns when key was first seen in an unbroken row of looks.
func (m *memory) first(key string, now time.Time) time.Time {
	m.fresh[key] = true
	if at, ok := m.since[key]; ok {
		return at
	}
	m.since[key] = now
	return now
}

// judge sets the state of a status by the cause of its symptom. again is when
// the symptom's age makes another verdict.
func (m *memory) judge(s *Status, now time.Time) (again time.Time) {
	if s.symptom.on == 0 {
		return time.Time{}
	}
	c, _ := classify(s.symptom)
	m.count(s, c.kind)
	at := m.first(fmt.Sprintf("%s %s %d %s", s.uid, s.Container, c.on, c.kind), now)
	s.symptom.age = now.Sub(at)
	switch _, v := classify(s.symptom); {
	case v == definitive:
		s.State = Failed
	case c.verdict == definitive:
		s.State = Troubled
		if c.age > s.symptom.age {
			again = at.Add(c.age)
		}
	}
	return again
}

// count corrects how often a symptom was there by what earlier looks saw.
func (m *memory) count(s *Status, of kind) {
	key := s.uid + " " + s.Container
	switch s.symptom.on {
	case onPod:
		if of == kindDisk {
			s.symptom.count = len(m.evictions[s.about.revision])
		}
	case onContainer:
		tries := m.pulls[key]
		if tries.kind != of {
			tries = attempts{kind: of}
		}
		failed := s.symptom.reason == "ErrImagePull"
		if failed && !tries.failed || tries.count == 0 {
			tries.count++
		}
		tries.failed = failed
		m.pulls[key] = tries
		s.symptom.count = max(s.symptom.count, tries.count)
	case onCrash:
		last, known := m.exits[key]
		if !known {
			last = exits{s.symptom.exit, 1}
		} else if last.code != s.symptom.exit {
			last = exits{s.symptom.exit, s.symptom.count}
		}
		m.exits[key] = last
		s.symptom.count -= last.first - 1
	}
}
