package system_test

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admissionregistration/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// TestCanaryInPieces has a policy quote the beginnings of values, in base64, to
// every command that writes or tries Secrets of a release with two revisions: in
// refusals of the dry run, and in those of the write itself.
func TestCanaryInPieces(t *testing.T) {
	t.Parallel()
	for name, condition := range map[string]string{"dry run": "false", "write": "has(request.dryRun) && request.dryRun"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := plugin.NewSandbox(t)
			const recipe = `{"recipe_mode": "service", "deployment_name": "fetch", "recipe_image_uri": "i", "recipe_container_port": 80,
				"input_object_storage": [{"par": "https://objectstorage.example.com/p/%s/n/n/b/b/o/", "mount_location": "/data", "volume_size_in_gbs": 1}]}`
			for _, canary := range canaries[:2] {
				s.Deploy(s.Write("fetch.json", fmt.Sprintf(recipe, canary)))
			}
			file := s.Write("fetch.json", fmt.Sprintf(recipe, canaries[2]))
			payload := s.Write("payload.json", fmt.Sprintf(`{"name": "s", "action": "apply", "type": "opaque", "data": {"token": %q}}`, canaries[0]))
			quotingPolicy(t, s.Namespace, condition, cutValue, admissionv1.Deny)
			waitForPolicy(t, s.Namespace)
			var written strings.Builder
			for _, command := range [][]string{
				{"secrets", "apply", "-f", payload}, {"deploy", file, "--preflight=off", "--secrets", payload}, {"diff", file},
				{"deploy", file, "--preflight=off", "--dry-run=server"}, {"deploy", file, "--preflight=off", "--wait=false", "--yes"},
				{"rollback", "fetch", "1", "--yes", "--wait=false"}, {"history", "fetch"}, {"history", "fetch", "-o", "json"},
				{"status", "fetch"}, {"status", "fetch", "-o", "json"}, {"undeploy", "fetch", "--yes"}, {"status", "fetch"}, {"history", "fetch"},
			} {
				out, _ := plugin.Output(s.Kubeconfig, append(command, "-v=10")...)
				fmt.Fprintf(&written, "\n== %v\n%s", command, out)
				tries := command[0] == "diff" || slices.Contains(command, "--dry-run=server")
				writes := slices.Contains([]string{"secrets", "deploy", "rollback", "undeploy"}, command[0])
				if (tries && name == "dry run" || writes && !tries) && !strings.Contains(out, redact.Withheld) {
					t.Errorf("%v is not refused: this tests nothing\n%.2000s", command, out)
				}
			}
			searchForPieces(t, written.String(), canaries...)
		})
	}
}

// searchForPieces fails t where eight bytes of a canary stand in text, plain or
// in base64.
func searchForPieces(t *testing.T, text string, canaries ...string) {
	t.Helper()
	for _, canary := range canaries {
		for i := range len(canary) - 7 {
			piece := canary[i : i+8]
			forms := []string{piece}
			for before := range 3 {
				encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, before), piece...))
				forms = append(forms, encoded[(before*8+5)/6:(before+len(piece))*8/6])
			}
			for _, form := range forms {
				if at := strings.Index(text, form); at >= 0 {
					t.Fatalf("%s of %s was written:\n…%s", piece, canary, text[max(0, at-500):min(len(text), at+100)])
				}
			}
		}
	}
}
