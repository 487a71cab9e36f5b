package recipe_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/recipe"
)

// resolve resolves the first recipe of text, every reference to <MEMBER.EXPORT>.
func resolve(t *testing.T, text string) *recipe.Recipe {
	t.Helper()
	sets, problems := loadSets(t, text)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return sets[0].Recipes[0].Resolve(loadSchema(t), func(r recipe.Reference) string {
		return fmt.Sprintf("<%s.%s>", r.To.Member, r.Export)
	})
}

func TestResolve(t *testing.T) {
	t.Parallel()
	db := member("db", `"exports": ["service_name", "internal_dns_name", "service_url"]`, "")
	for text, want := range map[string]string{
		"":                          "",
		"plain ${HOME} $(A) $1 {}$": "plain ${HOME} $(A) $1 {}$",
		"${env.A:=b} ${a.b.c}":      "${env.A:=b} ${a.b.c}", // no member is called like that, nor any export
		"${db.service_name}":        "<db.service_name>",
		"a${db.service_url}${db.internal_dns_name}b": "a<db.service_url><db.internal_dns_name>b",
		"$${db.service_name} $${env.X}":              "${db.service_name} ${env.X}",
		"$$${db.service_name}":                       "$${db.service_name}",
		"$${HOME} $$":                                "$${HOME} $$", // escapes nothing
		"${db.service_name":                          "${db.service_name",
	} {
		r := resolve(t, group(member("web", "", text), db))
		env, _ := r.Values()["recipe_container_env"].([]any)
		got, _ := env[0].(map[string]any)["value"].(string)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}

// A configuration file has ${…} of its own: only what names a member counts.
func TestResolveIsLenientInConfigMaps(t *testing.T) {
	t.Parallel()
	const data = `{"f": "${env.A} ${A:-b} ${db.service_name} $${db.service_name} $${env.A}"}`
	r := resolve(t, group(
		`{"name": "web", "recipe": {"recipe_configmaps": [{"name": "c", "data": `+data+`}]}}`,
		member("db", `"exports": ["service_name"]`, "")))
	got, err := json.Marshal(r.Values()["recipe_configmaps"].([]any)[0].(map[string]any)["data"].(map[string]any)["f"])
	if err != nil {
		t.Fatal(err)
	}
	want := `"${env.A} ${A:-b} \u003cdb.service_name\u003e ${db.service_name} $${env.A}"`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

// A name in a ConfigMap that is a member's is a reference, with its rules.
func TestConfigMapsHaveRulesToo(t *testing.T) {
	t.Parallel()
	_, problems := loadSets(t, group(
		`{"name": "web", "recipe": {"recipe_configmaps": [{"name": "c", "data": {"f": "${db.port}"}}]}}`, member("db", "", "")))
	want := "a.json:2:78: /deployment_group/deployments/0/recipe/recipe_configmaps/0/data/f: unknown export [unknown-export]\nhint: use service_name, internal_dns_name or service_url"
	if diff := cmp.Diff(want, problems.Error()); diff != "" {
		t.Error(diff)
	}
}

// What follows a reference on its line, and the reference itself, stay where
// they are for messages.
func TestResolveKeepsPositions(t *testing.T) {
	t.Parallel()
	text := group(`{"name": "web", "recipe": {"recipe_image_uri": "${db.service_name}", "recipe_mode": "servcie"}}`,
		member("db", `"exports": ["service_name"]`, ""))
	r := resolve(t, text)
	want := `a.json:2:85: /deployment_group/deployments/0/recipe/recipe_mode: must be "service", "job" or "team"; did you mean "service"? [enum]`
	problems := loadSchema(t).Validate(r)
	if len(problems) == 0 || problems[len(problems)-1].Error() != want {
		t.Errorf("got\n%v\nwant at the end\n%s", problems, want)
	}
	if got := r.ErrorAt("/recipe_image_uri", "here").Error(); got != "a.json:2:48: /deployment_group/deployments/0/recipe/recipe_image_uri: here" {
		t.Error(got)
	}
}

// Outside of a group ${…} means nothing and is no fault.
func TestSingleRecipesHaveNoReferences(t *testing.T) {
	t.Parallel()
	r := resolve(t, `{"deployment_name": "${db.service_name} $${db.service_name}"}`)
	if diff := cmp.Diff("${db.service_name} $${db.service_name}", r.Values()["deployment_name"]); diff != "" {
		t.Error(diff)
	}
}
