package diff

import (
	"cmp"
	"reflect"
	"slices"
	"strings"
)

// difference is a field of an object that changes.
type difference struct {
	Path   string
	Before any `json:",omitempty"`
	After  any `json:",omitempty"`
}

// compare returns the differences, sorted by path. Paths have the form of kubectl's
// jsonpath. They identify the items of a list by their names if all have one.
func compare(before, after tree) []difference {
	c := &comparison{}
	c.trees("", before, after)
	slices.SortFunc(c.found, func(a, b difference) int { return cmp.Compare(a.Path, b.Path) })
	return c.found
}

type comparison struct{ found []difference }

func (c *comparison) trees(path string, before, after tree) {
	for key, a := range before {
		c.values(path+"."+strings.ReplaceAll(key, ".", `\.`), a, after[key])
	}
	for key, b := range after {
		if _, ok := before[key]; !ok {
			c.values(path+"."+strings.ReplaceAll(key, ".", `\.`), nil, b)
		}
	}
}

func (c *comparison) values(path string, before, after any) {
	if reflect.DeepEqual(before, after) {
		return
	}
	switch a := before.(type) {
	case tree:
		if b, ok := after.(tree); ok {
			c.trees(path, a, b)
			return
		}
	case []any:
		if b, ok := after.([]any); ok {
			c.lists(path, a, b)
			return
		}
	}
	c.found = append(c.found, difference{strings.TrimPrefix(path, "."), before, after})
}

// lists compares items by their labels. If only their order differs, the whole list is
// the difference.
func (c *comparison) lists(path string, before, after []any) {
	named := unique(before) && unique(after)
	a, b := labeled(before, named), labeled(after, named)
	found := len(c.found)
	for name, item := range a {
		c.values(path+"["+name+"]", item, b[name])
	}
	for name, item := range b {
		if _, ok := a[name]; !ok {
			c.values(path+"["+name+"]", nil, item)
		}
	}
	if len(c.found) == found {
		c.found = append(c.found, difference{strings.TrimPrefix(path, "."), before, after})
	}
}

// unique reports whether every item of a list has a different name.
func unique(items []any) bool {
	names := map[string]bool{}
	for _, item := range items {
		fields, _ := item.(tree)
		name, ok := fields["name"].(string)
		if !ok || names[name] {
			return false
		}
		names[name] = true
	}
	return true
}

func labeled(items []any, named bool) map[string]any {
	all := map[string]any{}
	for i, item := range items {
		if named {
			all[label(item, i)] = item
		} else {
			all[label(nil, i)] = item
		}
	}
	return all
}
