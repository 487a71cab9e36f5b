// Package action tests the scripts of the GitHub Action and the GitLab template, as far
// as they run without these services.
package action

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// TestMain lets the scripts start the plugin.
func TestMain(m *testing.M) { plugin.Main(m) }

func load(t *testing.T, file string, into any) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.Unmarshal(text, into); err != nil {
		t.Fatal(err)
	}
}

// workspace returns a directory with recipes/app.json, a Secret value in it, and the
// environment of a job there.
func workspace(t *testing.T) (dir string, env []string) {
	t.Helper()
	p := plugin.NewSandbox(t)
	recipes := filepath.Join(p.Dir, "recipes")
	recipe := `{"recipe_mode": "service", "deployment_name": "app", "recipe_image_uri": "i:1", "recipe_container_port": 80,
		"recipe_container_env": [{"key": "HF_TOKEN", "value": "hf_canaryvalue0123"}]}`
	if err := os.Mkdir(recipes, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(recipes, "app.json"), []byte(recipe), 0o600); err != nil {
		t.Fatal(err)
	}
	return p.Dir, append(os.Environ(), "KUBECONFIG="+p.Kubeconfig, "RUNNER_TEMP="+p.Dir)
}

// run runs a script and returns its output.
func run(t *testing.T, dir string, env []string, script string) (string, error) {
	t.Helper()
	command := exec.CommandContext(t.Context(), "sh", "-ec", script)
	command.Dir, command.Env = dir, env
	out, err := command.CombinedOutput()
	return string(out), err
}

func wantPreview(t *testing.T, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(string(text), "<!-- kubectl-blueprint-diff -->\n") || !strings.Contains(string(text), "| `recipe-app` | 2 to create | 0 |") || strings.Contains(string(text), "canaryvalue") {
		t.Errorf("preview:\n%s", text)
	}
}

// TestGitHubAction runs the steps of the action, with a program in place of gh.
func TestGitHubAction(t *testing.T) {
	t.Parallel()
	var action struct {
		Runs struct {
			Steps []struct{ Name, Run string }
		}
	}
	load(t, "action.yml", &action)
	steps := map[string]string{}
	for _, step := range action.Runs.Steps {
		steps[step.Name] = step.Run
	}
	dir, env := workspace(t)
	output, summary := filepath.Join(dir, "output"), filepath.Join(dir, "summary")
	env = append(env, "GITHUB_OUTPUT="+output, "GITHUB_STEP_SUMMARY="+summary, "FILES=recipes\n", "ARGS=--set=cluster.storageClass=fast\n--warnings-as=none")
	if out, err := run(t, dir, env, steps["Validate and preview"]); err == nil || !strings.Contains(out, "unknown flag") {
		t.Errorf("an unknown flag: %v\n%s", err, out)
	}
	env = append(env, "ARGS=--set=cluster.storageClass=fast\n")
	if out, err := run(t, dir, env, steps["Validate and preview"]); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wantPreview(t, summary)
	file := filepath.Join(dir, "blueprint-preview.md")
	if text, err := os.ReadFile(output); err != nil || string(text) != "file="+file+"\n" {
		t.Errorf("output %s, %v", text, err)
	}

	gh := "#!/bin/sh\nprintf '%s\\n' \"$*\" >>" + dir + "/calls\ncase $* in *--paginate*) cat " + dir + "/ids ;; esac\n"
	if err := os.WriteFile(filepath.Join(dir, "gh"), []byte(gh), 0o755); err != nil {
		t.Fatal(err)
	}
	env = append(env, "PATH="+dir+":"+os.Getenv("PATH"), "FILE="+file, "COMMENTS=repos/o/r/issues/7/comments", "COMMENT=repos/o/r/issues/comments")
	for ids, want := range map[string]string{
		"":         "api --silent repos/o/r/issues/7/comments -F body=@" + file,
		"12\n13\n": "api --silent -X PATCH repos/o/r/issues/comments/12 -F body=@" + file,
	} {
		if err := os.WriteFile(filepath.Join(dir, "ids"), []byte(ids), 0o600); err != nil {
			t.Fatal(err)
		}
		if out, err := run(t, dir, env, steps["Comment on the pull request"]); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		calls, err := os.ReadFile(filepath.Join(dir, "calls"))
		if err != nil || !strings.HasSuffix(string(calls), want+"\n") {
			t.Errorf("comments %q, %v, calls:\n%s", ids, err, calls)
		}
	}
}

// TestGitLabTemplate runs the script of the template against a server in place of GitLab.
func TestGitLabTemplate(t *testing.T) {
	t.Parallel()
	plugin.Require(t, "curl", "jq")
	var template struct {
		Job struct{ Script []string } `json:"blueprint-preview"`
	}
	load(t, "gitlab.yml", &template)
	dir, env := workspace(t)
	for notes, want := range map[string]string{
		`[{"id": 3, "body": "looks good"}]`:                                             "POST /projects/1/merge_requests/7/notes",
		`[{"id": 3, "body": ""}, {"id": 4, "body": "<!-- kubectl-blueprint-diff -->"}]`: "PUT /projects/1/merge_requests/7/notes/4",
	} {
		var got string
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Header.Get("PRIVATE-TOKEN") != "token-0123":
				w.WriteHeader(http.StatusUnauthorized)
			case r.Method == http.MethodGet:
				_, _ = fmt.Fprint(w, notes)
			default:
				got = r.Method + " " + r.URL.Path
				if body := r.FormValue("body"); !strings.HasPrefix(body, "<!-- kubectl-blueprint-diff -->\n") {
					t.Errorf("posted %q", body)
				}
			}
		}))
		env := append(env, "CI_API_V4_URL="+server.URL, "CI_PROJECT_ID=1", "CI_MERGE_REQUEST_IID=7", "GITLAB_TOKEN=token-0123", "BLUEPRINT_FILES=recipes", "BLUEPRINT_ARGS=--set=cluster.storageClass=fast")
		out, err := run(t, dir, env, strings.ReplaceAll(strings.Join(template.Job.Script, "\n"), "/tmp/curl.conf", filepath.Join(dir, "curl.conf")))
		server.Close()
		if err != nil || got != want {
			t.Errorf("%v, got %q, want %q\n%s", err, got, want, out)
		}
		wantPreview(t, filepath.Join(dir, "preview.md"))
	}
}
