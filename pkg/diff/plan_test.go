package diff_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/diff"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
)

func plan() diff.Plan {
	return diff.Plan{
		Plugin: "v1", Chart: "sha256:c", Server: "https://s", Namespace: "n",
		Waves: [][]diff.Planned{{{
			Release: "r", Revision: 1, File: "f.json", Group: "g", Needed: true,
			Values:  map[string]any{"recipe_replica_count": 1e6, "x": map[string]any{"y": []any{"z", true, nil, 0.5}}},
			Objects: []diff.Object{{Object: "o", Action: dryrun.Created, Digest: "sha256:d"}},
		}}},
	}
}

func TestPlanIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	text, err := plan().Encode()
	if err != nil {
		t.Fatal(err)
	}
	read, err := diff.DecodePlan(text)
	if err != nil {
		t.Fatal(err)
	}
	again, err := read.Encode()
	if err != nil || string(again) != string(text) {
		t.Errorf("%v\n%s", err, cmp.Diff(string(text), string(again)))
	}
}

// TestPlanThatWasEditedIsRefused changes each word and number of a plan, and
// adds to it.
func TestPlanThatWasEditedIsRefused(t *testing.T) {
	t.Parallel()
	encoded, err := plan().Encode()
	if err != nil {
		t.Fatal(err)
	}
	text := string(encoded)
	edits := map[string]string{
		"added": strings.Replace(text, `"plugin"`, `"more": 1, "plugin"`, 1), "after it": text + "{}", "cut": text[:len(text)/2],
		"another type": strings.Replace(text, `"n"`, `["canary"]`, 1), "no plan": `{"recipe_mode": "canary"}`, "nothing": "", "no JSON": "canary",
		"a key twice": strings.Replace(text, `"x": {`, `"x": "canary", "x": {`, 1), "a key in capitals": strings.Replace(text, `"plugin"`, `"PLUGIN"`, 1),
	}
	for _, word := range []string{`"v1"`, `"sha256:c"`, `"https://s"`, `"n"`, `"r"`, `"f.json"`, `"g"`, `"z"`, `"o"`, `"created"`, `"sha256:d"`, "1000000", "0.5", "true", "null", ": 1,", planVersion, `"Plan"`} {
		edited := strings.Replace(text, word, strings.NewReplacer(`"`, `"x`, "1", "2", "5", "6", "true", "false", "null", "0").Replace(word), 1)
		if edited == text {
			t.Errorf("%s is not in\n%s", word, text)
		}
		edits[word] = edited
	}
	for what, edited := range edits {
		if _, err := diff.DecodePlan([]byte(edited)); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", what, err)
		}
	}
}

const planVersion = "kubectl-blueprint.github.io/v1"

// digest is what a plan keeps of one object.
func digest(t *testing.T, verb dryrun.Verb, live, predicted string) string {
	t.Helper()
	objects, err := diff.New("r", []dryrun.Outcome{outcome(t, verb, live, predicted)}, false).Objects()
	if err != nil {
		t.Fatal(err)
	}
	return objects[0].Digest
}

// TestDigests tells changes of what a deploy does from those of anything else.
func TestDigests(t *testing.T) {
	t.Parallel()
	identified := func(text, uid, version string) string {
		if text == "" {
			return ""
		}
		return strings.Replace(text, "metadata: {", "metadata: {uid: "+uid+`, resourceVersion: "`+version+`", `, 1)
	}
	const secretOf = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {k: %}"
	of := func(value string) string { return strings.ReplaceAll(secretOf, "%", value) }
	for name, c := range map[string]struct {
		verb            dryrun.Verb
		live, predicted [2]string // before and after the cluster moved
		uids, versions  [2]string
		same            bool
	}{
		"nothing moved":              {dryrun.Configured, [2]string{deployment("1", rolling, gpu), deployment("1", rolling, gpu)}, [2]string{deployment("1", rolling, gpuMore), deployment("1", rolling, gpuMore)}, [2]string{"u", "u"}, [2]string{"1", "2"}, true},
		"replicas that are left":     {dryrun.Configured, [2]string{deployment("1", rolling, gpu), deployment("4", rolling, gpu)}, [2]string{deployment("1", rolling, gpuMore), deployment("4", rolling, gpuMore)}, [2]string{"u", "u"}, [2]string{"1", "1"}, true},
		"replicas that are set":      {dryrun.Configured, [2]string{deployment("1", rolling, gpu), deployment("4", rolling, gpu)}, [2]string{deployment("1", rolling, gpuMore), deployment("1", rolling, gpuMore)}, [2]string{"u", "u"}, [2]string{"1", "1"}, false},
		"another object by the name": {dryrun.Unchanged, [2]string{config, config}, [2]string{config, config}, [2]string{"u", "v"}, [2]string{"1", "1"}, false},
		"another default":            {dryrun.Created, [2]string{"", ""}, [2]string{deployment("1", rolling, gpu), deployment("1", rolling, gpuMore)}, [2]string{"", ""}, [2]string{"", ""}, false},
		"all of what goes":           {dryrun.Deleted, [2]string{deployment("1", rolling, gpu), deployment("3", recreate, gpuMore)}, [2]string{"", ""}, [2]string{"u", "u"}, [2]string{"1", "2"}, true},
		"a Secret's version":         {dryrun.Unchanged, [2]string{of("a"), of("a")}, [2]string{of("a"), of("a")}, [2]string{"u", "u"}, [2]string{"1", "2"}, false},
		"a Secret's value alone":     {dryrun.Configured, [2]string{of("a"), of("b")}, [2]string{of("c"), of("d")}, [2]string{"u", "u"}, [2]string{"1", "1"}, true}, // so that no value can be guessed
		"a new Secret's value alone": {dryrun.Created, [2]string{"", ""}, [2]string{of("c"), of("d")}, [2]string{"", ""}, [2]string{"", ""}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before := digest(t, c.verb, identified(c.live[0], c.uids[0], c.versions[0]), c.predicted[0])
			after := digest(t, c.verb, identified(c.live[1], c.uids[1], c.versions[1]), c.predicted[1])
			if (before == after) != c.same {
				t.Errorf("same: %t", before == after)
			}
		})
	}
}

func TestMoved(t *testing.T) {
	t.Parallel()
	named := func(name string, o dryrun.Outcome) dryrun.Outcome {
		o.Object = name
		return o
	}
	more := strings.Replace(config, "a: b", "a: b, c: d", 1)
	was := diff.New("r", []dryrun.Outcome{
		named("same", outcome(t, dryrun.Unchanged, config, config)),
		named("changes", outcome(t, dryrun.Configured, config, more)),
		named("otherwise", outcome(t, dryrun.Unchanged, config, config)),
		named("gone", outcome(t, dryrun.Deleted, config, "")),
	}, false)
	is := diff.New("r", []dryrun.Outcome{
		named("same", outcome(t, dryrun.Unchanged, config, config)),
		named("changes", outcome(t, dryrun.Configured, config, strings.Replace(more, "c: d", "c: e, f: g, h: i, j: k", 1))),
		named("otherwise", outcome(t, dryrun.Configured, config, more)),
		named("left", outcome(t, dryrun.Deleted, config, "")),
	}, false)
	objects, err := was.Objects()
	if err != nil {
		t.Fatal(err)
	}
	planned := diff.Planned{Release: "r", Revision: 2, Objects: objects}
	for _, c := range []struct {
		revision int
		review   diff.Release
		want     []string
	}{
		{2, was, nil},
		{3, was, []string{"release r is at revision 3, planned for revision 2"}},
		{2, is, []string{
			"changes would be configured differently (data.c, data.f, data.h and 1 more)",
			"otherwise would be configured (data.c), planned: unchanged",
			"left would be deleted, not planned",
			"gone no longer exists, planned: deleted",
		}},
	} {
		drift, err := planned.Drift(c.revision, c.review)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(c.want, drift); diff != "" {
			t.Errorf("moved (-want +got):\n%s", diff)
		}
	}
}
