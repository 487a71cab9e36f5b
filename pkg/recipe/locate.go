package recipe

import (
	"math/bits"
	"slices"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// annotationFields lists the fields of Kubernetes objects that a key becomes, the main
// field first.
const annotationFields = "x-kubernetes-fields"

// Locate returns the position in a recipe of the value that becomes a field of a Kubernetes
// object. Of the keys that become the field, or a field below it, it selects the one that
// contains the most values, with priority for earlier values. If none contains any, it
// selects the only key of the field, or any string that equals one of the values. It
// returns the zero position if nothing matches; the field then comes from the chart or
// from the cluster's values.
func (s *Schema) Locate(r *Recipe, of field.Path, values ...string) source.Position {
	values = slices.DeleteFunc(slices.Clone(values), func(value string) bool { return value == "" })
	candidates := s.keysOf(r, of)
	var best match
	for _, c := range candidates {
		if m := c.match(values); m.better(best) {
			best = m
		}
	}
	if best.held != 0 {
		return best.at
	}
	if len(candidates) == 1 || len(candidates) > 0 && len(values) == 0 {
		slices.SortStableFunc(candidates, func(a, b candidate) int { return a.rank(of) - b.rank(of) })
		return candidates[0].keyPos
	}
	return held(r.root, values, true).at
}

// KeyOf returns the recipe key that becomes a field of a Kubernetes object, or "". Of
// several keys it returns the one for which the field is most important.
func (s *Schema) KeyOf(of field.Path) string {
	key, best := "", candidate{}
	for _, m := range s.raw.Find("/properties").Members {
		c := candidate{fields: fieldsOf(m.Value)}
		if rank := c.rank(of); rank >= 0 && (key == "" || rank < best.rank(of)) {
			key, best = m.Key, c
		}
	}
	return key
}

// KeyAt returns the key of a recipe whose value contains a position.
func (r *Recipe) KeyAt(pos source.Position) string {
	key := ""
	for _, m := range r.root.Members {
		if r.Doc.ErrorAtKey(r.Pointer, m.Key, "").Pos.Compare(pos) <= 0 {
			key = m.Key
		}
	}
	return key
}

// candidate is a key of a recipe and the fields that it becomes.
type candidate struct {
	fields []field.Path
	keyPos source.Position
	value  *source.Node
}

// rank returns the index of the first field of the key that is the given one or below it,
// or -1.
func (c candidate) rank(of field.Path) int { return slices.IndexFunc(c.fields, of.Covers) }

// fieldsOf returns the fields that the schema of a key lists.
func fieldsOf(property *source.Node) []field.Path {
	if property == nil || property.Member(annotationFields) == nil {
		return nil
	}
	var all []field.Path
	for _, item := range property.Member(annotationFields).Items {
		all = append(all, field.Path(item.Text()))
	}
	return all
}

// keysOf returns the keys of a recipe that become the field.
func (s *Schema) keysOf(r *Recipe, of field.Path) []candidate {
	var all []candidate
	if of == "" {
		return nil
	}
	s.walkKeys(s.raw, r.root, "", func(parent, key string, property *source.Node) {
		c := candidate{fields: fieldsOf(property)}
		if c.rank(of) >= 0 {
			c.keyPos, c.value = r.Doc.ErrorAtKey(r.Pointer+parent, key, "").Pos, r.root.Find(parent).Member(key)
			all = append(all, c)
		}
	})
	return all
}

// match is a set of values that were found, one bit per value, and the position of the
// first one.
type match struct {
	held uint64
	at   source.Position
}

// better reports whether m has more values than o, or as many but earlier ones.
func (m match) better(o match) bool {
	if more := bits.OnesCount64(m.held) - bits.OnesCount64(o.held); more != 0 {
		return more > 0
	}
	return bits.TrailingZeros64(m.held) < bits.TrailingZeros64(o.held)
}

// match returns the values that the candidate contains, including values that its key
// represents.
func (c candidate) match(values []string) match {
	m := held(c.value, values, false)
	if m.held == 0 {
		m.at = c.keyPos
	}
	for i, value := range values {
		if slices.ContainsFunc(c.fields, func(f field.Path) bool { return f.HasKey(value) }) {
			m.held |= 1 << i
		}
	}
	return m
}

// held finds values in a node: in one item of a list, and anywhere in an object.
func held(n *source.Node, values []string, textOnly bool) match {
	var m match
	for _, item := range n.Items {
		if h := held(item, values, textOnly); h.better(m) {
			m = h
		}
	}
	for _, member := range n.Members {
		h := held(member.Value, values, textOnly)
		if bits.TrailingZeros64(h.held) < bits.TrailingZeros64(m.held) {
			m.at = h.at
		}
		m.held |= h.held
	}
	if i := slices.Index(values, n.Text()); i >= 0 && (n.Kind == source.String || !textOnly) {
		return match{1 << i, n.Pos}
	}
	return m
}
