package render_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/render"
)

// objectRecipe is a recipe with one input and one output, whose volumes have
// sizes.
func objectRecipe(mode, input, output, cluster string) string {
	recipe := `{"recipe_mode": "` + mode + `", "deployment_name": "x", "recipe_image_uri": "x", "recipe_container_port": 80`
	for key, entries := range map[string]string{"input_object_storage": input, "output_object_storage": output} {
		if entries != "" {
			recipe += fmt.Sprintf(`, %q: [%s]`, key, strings.ReplaceAll(entries, "}", `, "volume_size_in_gbs": 1}`))
		}
	}
	return recipe + `, "cluster": {"objectStorage": {` + cluster + `}}}`
}

func TestObjectStorageSpeaksUp(t *testing.T) {
	t.Parallel()
	const (
		par    = `{"mount_location": "/i", "par": "https://objects.example.com/p/S3CRET/n/n/b/b/o/"}`
		bucket = `{"mount_location": "/i", "bucket_name": "b"}`
		output = `{"mount_location": "/o", "bucket_name": "S3CRET"}`
		keys   = `"secretName": "s"`
	)
	for _, c := range []struct {
		recipe string
		want   []string // rule and pointer of each error, or of each warning
	}{
		{objectRecipe("job", `{"mount_location": "/i"}`, "", ""), []string{"object-source /input_object_storage/0"}},
		{objectRecipe("job", `{"mount_location": "/i", "par": "", "bucket_name": "b"}`, "", keys), nil},
		{objectRecipe("job", strings.Replace(par, `"par"`, `"bucket_name": "b", "par"`, 1), "", ""), []string{"object-source /input_object_storage/0"}},
		{objectRecipe("job", strings.Replace(par, "https", "http", 1), "", ""), []string{"invalid-par-url /input_object_storage/0/par"}},
		{objectRecipe("job", strings.Replace(par, "/o/", "/", 1), "", ""), []string{"invalid-par-url /input_object_storage/0/par"}},
		{objectRecipe("job", strings.Replace(par, "/o/", "/o/ ", 1), "", ""), []string{"invalid-par-url /input_object_storage/0/par"}},
		{objectRecipe("job", par, "", ""), []string{"plaintext-credential /input_object_storage/0/par"}},
		{objectRecipe("job", strings.Replace(par, "/o/", "/o", 1), "", ""), []string{"plaintext-credential /input_object_storage/0/par"}},
		{objectRecipe("job", bucket, "", ""), []string{"bucket-credentials /input_object_storage/0/bucket_name"}},
		{objectRecipe("job", bucket, "", `"skip": true`), []string{"not-downloaded /input_object_storage/0/bucket_name"}},
		{objectRecipe("job", bucket, "", keys), nil},
		{objectRecipe("job", bucket+","+bucket, "", keys), []string{"duplicate-mount /input_object_storage/1/mount_location"}},
		{objectRecipe("job", bucket, strings.Replace(output, "/o", "/i", 1), keys), nil},
		{objectRecipe("job", "", output, keys), nil},
		{objectRecipe("job", "", output, ""), []string{"not-uploaded /output_object_storage/0/bucket_name"}},
		{objectRecipe("service", "", output, keys), []string{"not-uploaded /output_object_storage/0/bucket_name"}},
	} {
		recipe := parse(t, c.recipe)
		if err := validate(t, loadChart(t), recipe); err != nil {
			t.Errorf("%s: %v", c.recipe, err)
			continue
		}
		manifests, err := loadChart(t).Render(recipe)
		told := manifests.Warnings()
		var broken *render.RuleError
		if errors.As(err, &broken) {
			told = broken.Violations
		} else if err != nil {
			t.Errorf("%s: %v", c.recipe, err)
		}
		var got []string
		for _, v := range told {
			got = append(got, v.Rule+" "+v.Pointer)
			if strings.Contains(v.Message, "S3CRET") {
				t.Errorf("a value is quoted: %s", v)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.recipe, diff)
		}
	}
}

// The URL of a request is in its Secret and nowhere else, and a new one is a
// change of the pod.
func TestRequestsAreKeptInASecret(t *testing.T) {
	t.Parallel()
	pod := func(token string) string {
		recipe := objectRecipe("job", `{"mount_location": "/i", "par": "https://objects.example.com/p/`+token+`/n/n/b/b/o/"}`, "", "")
		all := mustRender(t, loadChart(t), parse(t, recipe))
		if strings.Contains(all.String(), token) {
			t.Error("the token stands in the manifests in clear text")
		}
		masked, found := all.Masked()
		if !found || strings.Contains(masked.String(), "par-0: aHR0") {
			t.Errorf("the Secret isn't masked:\n%s", masked)
		}
		_, job, _ := strings.Cut(all.String(), "kind: Job")
		return job
	}
	if pod("ONE-TOKEN") == pod("ANOTHER-TOKEN") {
		t.Error("a new URL doesn't change the pod")
	}
}
