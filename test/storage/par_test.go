package storage

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// sample has the keys that URLs, shells and file systems make trouble of.
func sample() map[string]string {
	return map[string]string{
		"readme.txt":                "hello",
		"empty":                     "",
		"models/a/weights.bin":      strings.Repeat("weights ", 100_000),
		"models/a/config.json":      "{}",
		"models/a-instruct/x.json":  "{}",
		"models/ö 模型/+ plus%41.bin": "unicode",
		"odd/a b#c?d=e&f.txt":       "odd",
		"odd/$(X)[1]{2}*\\.txt":     "odder",
		"odd/--flag":                "dash",
		"data/":                     "",
		"data/.hidden":              "h",
	}
}

func par(s *parServer, input map[string]any) map[string]any {
	if input["par"] == nil {
		input["par"] = s.url
	}
	input["mount_location"], input["volume_size_in_gbs"] = "/models", 1
	return map[string]any{"input_object_storage": []any{input}}
}

// download runs the container of the one input, which must succeed or fail
// with the code, and never print the token.
func download(t *testing.T, p *pod, code int, env ...string) string {
	t.Helper()
	got := p.run(t, "download-0", env...)
	if got.code != code {
		t.Errorf("want exit code %d, got %d:\n%s", code, got.code, got.output)
	}
	if strings.Contains(got.output, "CANARY") {
		t.Errorf("the URL is printed:\n%s", got.output)
	}
	for _, word := range slices.Concat(p.container(t, "download-0").Command, p.container(t, "download-0").Args) {
		if strings.Contains(word, "CANARY") {
			t.Errorf("the URL is an argument: %s", word)
		}
	}
	return got.output
}

// kept are the objects that a directory should hold: no directories.
func kept(objects map[string]string, keep func(string) bool) map[string]string {
	want := map[string]string{}
	for name, content := range objects {
		if !strings.HasSuffix(name, "/") && keep(name) {
			want[name] = content
		}
	}
	return want
}

func TestRequestDownloadsWhatIsIncluded(t *testing.T) {
	t.Parallel()
	tool(t, "python3", installPython)
	prefix := func(prefixes ...string) func(string) bool {
		return func(name string) bool {
			return slices.ContainsFunc(prefixes, func(p string) bool { return strings.HasPrefix(name, p) })
		}
	}
	for name, test := range map[string]struct {
		input map[string]any
		keep  func(string) bool
	}{
		"all":         {map[string]any{}, prefix("")},
		"a directory": {map[string]any{"include": []string{"models/a/"}}, prefix("models/a/")},
		"a beginning": {map[string]any{"include": []string{"models/a"}}, prefix("models/a")},
		"keys": {map[string]any{"include": []string{"readme.txt", "odd/$(X)[1]{2}*\\.txt", "odd/a b#c?d=e&f.txt", "empty"}},
			prefix("readme.txt", "odd/$", "odd/a", "empty")},
		"twice the same": {map[string]any{"include": []string{"models/a/config.json", "models/a"}}, prefix("models/a")},
		"all but":        {map[string]any{"exclude": []string{"models/a/", "odd/$(X)"}}, func(n string) bool { return !prefix("models/a/", "odd/$")(n) }},
		"some but":       {map[string]any{"include": []string{"odd/"}, "exclude": []string{"odd/--flag"}}, prefix("odd/$", "odd/a")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newPARServer(t, sample())
			s.page = 3
			p := newPod(t, par(s, test.input))
			output := download(t, p, 0, s.env...)
			if diff := cmp.Diff(kept(s.objects, test.keep), files(t, p.volumes["input-0"])); diff != "" {
				t.Errorf("files differ (-want +got):\n%s\n%s", diff, output)
			}
			if !strings.Contains(output, "done: ") {
				t.Errorf("want a summary, got:\n%s", output)
			}
		})
	}
}

func TestRequestListsPageByPage(t *testing.T) {
	t.Parallel()
	tool(t, "python3", installPython)
	objects := map[string]string{}
	for i := range 25 {
		objects[fmt.Sprintf("many/%02d +%%", i)] = fmt.Sprint(i)
	}
	s := newPARServer(t, objects)
	s.page = 10
	p := newPod(t, par(s, map[string]any{"include": []string{"many/"}}))
	download(t, p, 0, s.env...)
	if diff := cmp.Diff(objects, files(t, p.volumes["input-0"])); diff != "" {
		t.Errorf("files differ (-want +got):\n%s", diff)
	}
	want := []string{"list many/ ", "list many/ many/10 +%", "list many/ many/20 +%"}
	if diff := cmp.Diff(want, s.asked("list")); diff != "" {
		t.Errorf("lists differ (-want +got):\n%s", diff)
	}
}

func TestRequestForOneObjectOrDirectory(t *testing.T) {
	t.Parallel()
	tool(t, "python3", installPython)
	for suffix, keep := range map[string]func(string) bool{
		"models/%C3%B6%20%E6%A8%A1%E5%9E%8B/%2B%20plus%2541.bin": func(n string) bool { return strings.Contains(n, "plus") },
		"empty":     func(n string) bool { return n == "empty" },
		"models/a/": func(n string) bool { return strings.HasPrefix(n, "models/a/") },
	} {
		s := newPARServer(t, sample())
		p := newPod(t, par(s, map[string]any{"par": s.url + suffix}))
		output := download(t, p, 0, s.env...)
		if diff := cmp.Diff(kept(s.objects, keep), files(t, p.volumes["input-0"])); diff != "" {
			t.Errorf("%s: files differ (-want +got):\n%s\n%s", suffix, diff, output)
		}
	}
}

func TestRequestMakesDirectories(t *testing.T) {
	t.Parallel()
	tool(t, "python3", installPython)
	s := newPARServer(t, map[string]string{"a/b/": ""})
	p := newPod(t, par(s, map[string]any{}))
	download(t, p, 0, s.env...)
	if info, err := os.Stat(filepath.Join(p.volumes["input-0"], "a/b")); err != nil || !info.IsDir() {
		t.Errorf("want a directory, got %v", err)
	}
}
