package recipe_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
)

func order(levels [][]*recipe.Recipe) string {
	var all []string
	for _, level := range levels {
		all = append(all, names(level))
	}
	return strings.Join(all, " | ")
}

// A member stands one level behind the last of those it needs; within a level
// the order is that of the file. References count for waves, what is said in
// depends_on does not.
func TestLevelsAndWaves(t *testing.T) {
	t.Parallel()
	const exports = `"exports": ["service_name"]`
	for _, c := range []struct{ levels, waves, text string }{
		{"a", "a", group(member("a", "", ""))},
		{"c b a", "c b a", group(member("c", "", ""), member("b", "", ""), member("a", "", ""))},
		{"c | b | a", "a b c", group(member("a", `"depends_on": ["b"]`, ""), member("b", `"depends_on": ["c"]`, ""), member("c", "", ""))},
		{"c | b | a", "b c | a", group(member("a", "", "${b.service_name}"), member("b", exports+`, "depends_on": ["c"]`, ""), member("c", "", ""))},
		{"d b | z | a", "d z b | a", group(
			member("a", `"depends_on": ["d", "z", "z"]`, "${b.service_name} ${d.service_name}"), member("d", exports, ""),
			member("z", `"depends_on": ["b"]`, ""), member("b", exports, ""))},
	} {
		sets, problems := loadSets(t, c.text)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		if diff := cmp.Diff(c.levels+" / "+c.waves, order(sets[0].DeployWaves())+" / "+order(sets[0].RenderOrder())); diff != "" {
			t.Errorf("%s\n%s", c.text, diff)
		}
	}
}

// A group with faults is ordered too, so that all its recipes can be judged.
func TestNoMemberOfACycleIsLost(t *testing.T) {
	t.Parallel()
	sets, problems := loadSets(t, group(
		member("a", `"depends_on": ["b"]`, ""), member("b", `"depends_on": ["a"]`, ""), member("c", "", ""), member("d", `"depends_on": ["b"]`, "")))
	if len(problems) != 1 {
		t.Fatal(problems)
	}
	if diff := cmp.Diff("c | a b d", order(sets[0].DeployWaves())); diff != "" {
		t.Error(diff)
	}
}

// A chain of 500 members, each of which waits for all before it, has as many
// levels.
func TestLongChains(t *testing.T) {
	t.Parallel()
	const length = 500
	var members, before []string
	for i := range length {
		name := fmt.Sprintf("m%d", i)
		members = append(members, member(name, `"depends_on": [`+strings.Join(before, ", ")+`]`, ""))
		before = append(before, `"`+name+`"`)
	}
	sets, problems := loadSets(t, group(members...))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	levels := sets[0].DeployWaves()
	if len(levels) != length || names(levels[length-1]) != fmt.Sprintf("m%d", length-1) {
		t.Errorf("%d levels, the last is %s", len(levels), names(levels[len(levels)-1]))
	}
}
