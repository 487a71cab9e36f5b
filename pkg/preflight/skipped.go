package preflight

import (
	"maps"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// skipped collects the kinds that the user may not read, with the subject of the
// skipped check.
type skipped struct {
	mu    sync.Mutex
	kinds map[string]string // to the subject
}

// forbids reports whether err is a missing permission to read a kind, and if so
// records the kind and the subject of the skipped check.
func (s *skipped) forbids(err error, kind, subject string) bool {
	if !apierrors.IsForbidden(err) {
		return false
	}
	s.add(kind, subject)
	return true
}

func (s *skipped) add(kind, subject string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kinds == nil {
		s.kinds = map[string]string{}
	}
	s.kinds[kind] = subject
}

// findings returns one note for everything that was skipped.
func (s *skipped) findings() []Finding {
	if len(s.kinds) == 0 {
		return nil
	}
	var parts []string
	for _, kind := range slices.Sorted(maps.Keys(s.kinds)) {
		parts = append(parts, kind+" ("+s.kinds[kind]+")")
	}
	return []Finding{{Severity: Note, Rule: "not-checked", What: "not checked (insufficient permissions): " + strings.Join(parts, ", ")}}
}
