package deploy

import (
	"errors"
	"strings"
	"testing"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/release"
)

func TestFindRefusesOtherReleases(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.deploy(recipe("my app", ""))
	err := f.Find(t.Context(), read(t, f.Blueprint, recipe("My App", ""))[0])
	if err == nil || !strings.Contains(err.Error(), `release recipe-my-app is already used by deployment "my app" in`) || hint.Of(err)[0].Text != `choose another deployment_name than "My App"` {
		t.Errorf("got %v, want an error with both names", err)
	}
	const mebibyte = 1 << 20 // which a record, in a Secret, has to stay below
	large := recipe("large", `, "recipe_configmaps": [{"name": "c", "mount_location": "/c", "data": {"k": "`+noise(mebibyte-1)+`"}}]`)
	err = f.Find(t.Context(), append(read(t, f.Blueprint, large)[0], read(t, f.Blueprint, large)[0]...))
	if !errors.Is(err, release.ErrTooLarge) || strings.Count(err.Error(), "-: ") != 2 {
		t.Errorf("got %.300v, want ErrTooLarge of each", err)
	}
}

// noise returns n characters that do not compress well.
func noise(n int) string {
	text, state := make([]byte, n), uint64(1)
	for i := range text {
		state = state*6364136223846793005 + 1442695040888963407
		text[i] = 'a' + byte(state>>33)%26
	}
	return string(text)
}
