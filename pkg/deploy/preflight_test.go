package deploy

import (
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/preflight"
)

func TestVerdict(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode             PreflightMode
		faults, warnings int
		want             string // part of the error
	}{
		{PreflightErrors, 0, 0, ""}, {PreflightErrors, 0, 2, ""}, {PreflightErrors, 1, 0, "1 error"}, {PreflightErrors, 2, 1, "2 errors and 1 warning"},
		{PreflightStrict, 0, 0, ""}, {PreflightStrict, 0, 2, "2 warnings"}, {PreflightStrict, 1, 0, "1 error"},
		{PreflightWarn, 0, 1, ""}, {PreflightWarn, 3, 1, ""},
	} {
		err := c.mode.verdict(c.faults, c.warnings)
		if (err == nil) != (c.want == "") || err != nil && (!strings.Contains(err.Error(), " "+c.want) || hint.Of(err)[0].Text != "use --preflight=warn to deploy anyway") {
			t.Errorf("%s, %d errors, %d warnings: got %v, want %q", c.mode, c.faults, c.warnings, err, c.want)
		}
	}
}

func TestValidatePreflightMode(t *testing.T) {
	t.Parallel()
	for mode, valid := range map[PreflightMode]bool{PreflightErrors: true, PreflightStrict: true, PreflightWarn: true, PreflightOff: true, "": false, "Errors": false} {
		if err := mode.Validate(); (err == nil) != valid {
			t.Errorf("%q: got %v", mode, err)
		}
	}
}

// TestPreflightFindings deploys two recipes that read a missing Secret. Each finding has
// the position in its own recipe.
func TestPreflightFindings(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.Payload, _ = payload(t, f.Cluster, `[{"name": "later", "action": "create", "type": "opaque", "data": {"k": "x"}}]`)
	reads := func(name, secret string) string {
		return recipe(name, `,
		"recipe_environment_secrets": [{"envvar_name": "A", "secret_name": "`+secret+`", "secret_key": "k"}]`)
	}
	waves := read(t, f.Blueprint, group(`{"name": "a", "recipe": `+reads("a", "none")+"},\n"+`{"name": "b", "recipe": `+reads("b", "none")+"},\n"+`{"name": "c", "recipe": `+reads("c", "later")+`}`))
	for mode, refused := range map[PreflightMode]bool{PreflightErrors: true, PreflightStrict: true, PreflightWarn: false, PreflightOff: false} {
		var errors, positions []string
		err := f.Prepare(t.Context(), waves[0], mode, func(found Finding) {
			if found.Severity == preflight.Error {
				errors, positions = append(errors, found.Message()+"; "+found.Hint.String()), append(positions, found.Release+" "+found.Position)
			}
		})
		if (err != nil) != refused {
			t.Errorf("%s: got %v", mode, err)
		}
		if dryRun := waves[0][0].Outcomes != nil; mode == PreflightErrors && dryRun {
			t.Errorf("%s: went on after findings", mode)
		}
		waves[0][0].Outcomes = nil
		if mode == PreflightOff {
			if len(errors) > 0 {
				t.Errorf("off: reports %q", errors)
			}
			continue
		}
		want := "recipe-a -:2:70, recipe-b -:4:70"
		if got := strings.Join(positions, ", "); got != want {
			t.Errorf("%s: got %s, want %s: %q", mode, got, want, errors)
		}
		if all := strings.Join(errors, "\n"); strings.Contains(all, "later") || !strings.Contains(all, "none") {
			t.Errorf("%s: reports\n%s", mode, all)
		}
	}
}
