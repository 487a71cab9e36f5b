package preflight

import (
	"maps"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

// skipped collects the kinds that the user may not read, with what is unknown
// therefore.
type skipped struct {
	mu    sync.Mutex
	kinds map[string]string
}

// forbids reports whether err is a missing permission to read a kind, and if so
// records the kind and what is unknown without it.
func (s *skipped) forbids(err error, kind, unknown string) bool {
	if !apierrors.IsForbidden(err) {
		return false
	}
	s.add(kind, unknown)
	return true
}

func (s *skipped) add(kind, unknown string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.kinds == nil {
		s.kinds = map[string]string{}
	}
	s.kinds[kind] = unknown
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
	return []Finding{{Severity: Note, Rule: "not-checked", What: "not looked at, for want of rights: " + strings.Join(parts, ", ")}}
}
