package recipe_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// group is a file with a group: each of members stands on a line of its own.
func group(members ...string) string {
	return `{"deployment_group": {"name": "g", "deployments": [` + "\n" + strings.Join(members, ",\n") + "\n]}}"
}

// member is one entry of a group; more holds keys beside its name and recipe.
func member(name, more, env string) string {
	if more != "" {
		more += ", "
	}
	return `{"name": "` + name + `", ` + more + `"recipe": {"deployment_name": "d", "recipe_container_env": [{"key": "K", "value": "` + env + `"}]}}`
}

func loadSets(t testing.TB, text string) ([]*recipe.Set, source.Errors) {
	t.Helper()
	doc, err := source.Parse("a.json", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return recipe.NewReader(loadSchema(t)).Load(doc)
}

// TestLoadTellsFaultsOfGroups pins the words of every fault between members. No
// message may hold "hunter2", which stands for a value.
func TestLoadTellsFaultsOfGroups(t *testing.T) {
	t.Parallel()
	const exports = `"exports": ["service_name"]`
	for _, c := range []struct{ name, text, want string }{
		{"good", group(member("db", exports, ""), member("web", `"depends_on": ["db"]`, "${db.service_name}")), ""},
		{"duplicate member", group(member("db", "", ""), member("db", "", "")),
			"a.json:3:10: /deployment_group/deployments/1/name: duplicate member name (first defined at /deployment_group/deployments/0) [duplicate-member]\nhint: rename one of them"},
		{"unknown dependency, near", group(member("postgres", "", ""), member("web", `"depends_on": ["postgress"]`, "")),
			"a.json:3:32: /deployment_group/deployments/1/depends_on/0: no member of the group has this name; did you mean \"postgres\"? [unknown-member]"},
		{"unknown dependency, far", group(member("web", `"depends_on": ["hunter2"]`, "")),
			"a.json:2:32: /deployment_group/deployments/0/depends_on/0: no member of the group has this name [unknown-member]"},
		{"dependency of a wrong type", group(member("web", `"depends_on": [7]`, "")),
			"a.json:2:32: /deployment_group/deployments/0/depends_on/0: must be a string, got a number [type]"},
		{"depends on itself", group(member("web", `"depends_on": ["web"]`, "")),
			"a.json:2:32: /deployment_group/deployments/0/depends_on/0: member depends on itself [self-reference]\nhint: remove it"},
		{"cycle", group(member("a", `"depends_on": ["b"]`, ""), member("b", `"depends_on": ["c"]`, ""), member("c", exports+`, "depends_on": ["a", "a"]`, "")),
			"a.json:4:59: /deployment_group/deployments/2/depends_on/0: circular dependency: a → b → c → a [cycle]"},
		{"cycle by reference", group(member("a", exports, "${b.service_name}"), member("b", exports+`, "depends_on": ["a"]`, "")),
			"a.json:3:59: /deployment_group/deployments/1/depends_on/0: circular dependency: a → b → a [cycle]"},
		{"two cycles", group(member("a", `"depends_on": ["b"]`, ""), member("b", `"depends_on": ["a"]`, ""), member("c", `"depends_on": ["d", "a"]`, ""), member("d", `"depends_on": ["c"]`, "")),
			"a.json:3:30: /deployment_group/deployments/1/depends_on/0: circular dependency: a → b → a [cycle]\n" +
				"a.json:5:30: /deployment_group/deployments/3/depends_on/0: circular dependency: c → d → c [cycle]"},
		{"unknown member in a reference", group(member("db", exports, ""), member("web", "", "hunter2 ${bd.service_name}")),
			"a.json:3:99: /deployment_group/deployments/1/recipe/recipe_container_env/0/value: no member of the group has this name; did you mean \"db\"? [unknown-member]\nhint: for a literal ${…}, write $${…}"},
		{"nothing like a member", group(member("web", "", "${hunter2.x}")),
			"a.json:2:99: /deployment_group/deployments/0/recipe/recipe_container_env/0/value: no member of the group has this name [unknown-member]\nhint: for a literal ${…}, write $${…}"},
		{"refers to itself", group(member("web", exports, "${web.service_name}")),
			"a.json:2:128: /deployment_group/deployments/0/recipe/recipe_container_env/0/value: member refers to itself [self-reference]\nhint: write the value itself"},
		{"unknown export, near", group(member("db", exports, ""), member("web", "", "${db.service_nam}")),
			"a.json:3:99: /deployment_group/deployments/1/recipe/recipe_container_env/0/value: unknown export; did you mean \"service_name\"? [unknown-export]\nhint: use service_name, internal_dns_name or service_url"},
		{"unknown export, far", group(member("db", exports, ""), member("web", "", "${db.hunter2}")),
			"a.json:3:99: /deployment_group/deployments/1/recipe/recipe_container_env/0/value: unknown export [unknown-export]\nhint: use service_name, internal_dns_name or service_url"},
		{"undeclared export", group(member("db", exports, ""), member("web", "", "${db.internal_dns_name}")),
			"a.json:3:99: /deployment_group/deployments/1/recipe/recipe_container_env/0/value: db does not export internal_dns_name [undeclared-export]\nhint: add it to the exports of db, at /deployment_group/deployments/0"},
		{"declared export unknown", group(member("db", `"exports": ["hunter2"]`, "")),
			`a.json:2:28: /deployment_group/deployments/0/exports/0: must be "service_name", "internal_dns_name" or "service_url" [enum]`},
		{"misspelt group", `{"deployment_gruop": {"name": "hunter2", "deployments": []}}`,
			"a.json:1:2: /deployment_gruop: unknown key; did you mean \"deployment_group\"? [unknown-key]"},
		{"misspelt in the group", `{"deployment_group": {"name": "g", "deploymnets": []}}`,
			"a.json:1:22: /deployment_group: deployments is required [missing-key]\na.json:1:36: /deployment_group/deploymnets: unknown key; did you mean \"deployments\"? [unknown-key]"},
		{"misspelt in a member", group(member("a", `"dependson": ["hunter2"]`, "")),
			"a.json:2:15: /deployment_group/deployments/0/dependson: unknown key; did you mean \"depends_on\"? [unknown-key]"},
		{"recipe beside the group", `{"recipe_mode": "hunter2", "deployment_group": {"name": "g", "deployments": [{"name": "a", "recipe": {}}]}}`,
			"a.json:1:2: /recipe_mode: unknown key [unknown-key]"},
		{"no members", `{"deployment_group": {"name": "g", "deployments": []}}`, "a.json:1:51: /deployment_group/deployments: must not be empty [length]"},
		{"no object", `{"deployment_group": "hunter2"}`, "a.json:1:22: /deployment_group: must be an object, got a string [type]"},
		{"no list", `{"deployment_group": {"name": "g", "deployments": "hunter2"}}`, "a.json:1:51: /deployment_group/deployments: must be an array, got a string [type]"},
		{"member without an object", group(`"hunter2"`), "a.json:2:1: /deployment_group/deployments/0: must be an object, got a string [type]"},
		{"recipe of no object", group(`{"name": "a", "recipe": "hunter2"}`), "a.json:2:25: /deployment_group/deployments/0/recipe: must be an object, got a string [type]"},
		{"members without names", group(`{"recipe": {}}`, `{"recipe": {}}`),
			"a.json:2:1: /deployment_group/deployments/0: name is required [missing-key]\na.json:3:1: /deployment_group/deployments/1: name is required [missing-key]"},
		{"name of a member", group(member("hunter2!", "", "")),
			"a.json:2:10: /deployment_group/deployments/0/name: must be a member name of letters, digits, dashes and underscores that starts with a letter or digit [pattern]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, problems := loadSets(t, c.text)
			_ = problems.Sorted()
			got := problems.Error()
			if (c.want == "") != (got == "") || !strings.HasPrefix(got, c.want) || strings.Count(got, "\n") != strings.Count(c.want, "\n") {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if strings.Contains(got, "hunter2") {
				t.Errorf("quotes a value: %s", got)
			}
		})
	}
}

func TestLoadReadsAGroup(t *testing.T) {
	t.Parallel()
	sets, problems := loadSets(t, group(
		member("web", `"depends_on": ["job"]`, "${db.service_name} ${db.service_name}"),
		member("db", `"exports": ["service_name"]`, ""),
		member("job", "", "")))
	if len(problems) > 0 || len(sets) != 1 {
		t.Fatal(len(sets), problems)
	}
	set := sets[0]
	if diff := cmp.Diff("g web db job", set.Group+" "+names(set.Recipes)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff("job db", names(set.Recipes[0].Dependencies())); diff != "" {
		t.Error(diff)
	}
	if set.Pointer != "" || set.Recipes[1].Pointer != "/deployment_group/deployments/1/recipe" {
		t.Error(set.Pointer, set.Recipes[1].Pointer)
	}
}

// names joins those of members with blanks.
func names(recipes []*recipe.Recipe) string {
	var all []string
	for _, r := range recipes {
		all = append(all, r.Member)
	}
	return strings.Join(all, " ")
}
