package storage

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// bucketSample is sample without what S3 servers and rclone treat in their own
// ways: objects that stand for directories.
func bucketSample() map[string]string {
	return kept(sample(), func(string) bool { return true })
}

func fromBucket(input map[string]any) map[string]any {
	input["bucket_name"], input["mount_location"], input["volume_size_in_gbs"] = "models", "/models", 1
	return map[string]any{"input_object_storage": []any{input}}
}

func toBucket(bucket string) map[string]any {
	return map[string]any{"output_object_storage": []any{
		map[string]any{"bucket_name": bucket, "mount_location": "/results", "volume_size_in_gbs": 1},
	}}
}

// copies runs a container, which must end with the code and never print the key.
func copies(t *testing.T, p *pod, container string, code int) string {
	t.Helper()
	tool(t, "rclone", makeTools)
	got := p.run(t, container)
	if got.code != code {
		t.Errorf("want exit code %d, got %d:\n%s", code, got.code, got.output)
	}
	if strings.Contains(got.output, "CANARY") {
		t.Errorf("the key is printed:\n%s", got.output)
	}
	return got.output
}

func TestBucketDownloadsWhatIsIncluded(t *testing.T) {
	t.Parallel()
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
		"all but":          {map[string]any{"exclude": []string{"models/a/", "odd/$(X)"}}, func(n string) bool { return !prefix("models/a/", "odd/$")(n) }},
		"some but":         {map[string]any{"include": []string{"odd/"}, "exclude": []string{"odd/--flag"}}, prefix("odd/$", "odd/a")},
		"no glob":          {map[string]any{"include": []string{"odd/a b#c?d", "o*", "[a-z]", "{empty,readme.txt}"}}, prefix("odd/a")},
		"no regexp":        {map[string]any{"include": []string{"{{.*}}", "empty"}}, prefix("empty")},
		"unicode, + and %": {map[string]any{"include": []string{"models/ö 模型/+ plus%41"}}, prefix("models/ö")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newS3Server(t, map[string]map[string]string{"models": bucketSample()})
			p := s.pod(t, fromBucket(test.input))
			output := copies(t, p, "download-0", 0)
			if diff := cmp.Diff(kept(bucketSample(), test.keep), files(t, p.volumes["input-0"])); diff != "" {
				t.Errorf("files differ (-want +got):\n%s\n%s", diff, output)
			}
		})
	}
}

// A container that is started again leaves what is there, and mends what is cut.
func TestBucketDownloadGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	s := newS3Server(t, map[string]map[string]string{"models": bucketSample()})
	p := s.pod(t, fromBucket(map[string]any{}))
	copies(t, p, "download-0", 0)
	cut := filepath.Join(p.volumes["input-0"], "models/a/weights.bin")
	if err := os.Truncate(cut, 10); err != nil {
		t.Fatal(err)
	}
	complete := filepath.Join(p.volumes["input-0"], "readme.txt")
	before, err := os.Stat(complete)
	if err != nil {
		t.Fatal(err)
	}
	copies(t, p, "download-0", 0)
	if diff := cmp.Diff(bucketSample(), files(t, p.volumes["input-0"])); diff != "" {
		t.Errorf("files differ (-want +got):\n%s", diff)
	}
	if after, err := os.Stat(complete); err != nil || !os.SameFile(before, after) {
		t.Errorf("a complete file is downloaded again: %v", err)
	}
}

func TestUploadAfterAJob(t *testing.T) {
	t.Parallel()
	s := newS3Server(t, map[string]map[string]string{"results": {"older.txt": "stays"}})
	p := s.pod(t, toBucket("results"))
	for name, content := range bucketSample() {
		write(t, p.volumes["output-0"], name, []byte(content))
	}
	write(t, p.volumes["output-0"], "lost+found/x", []byte("a file system's own"))
	if err := os.Symlink("models/a/config.json", filepath.Join(p.volumes["output-0"], "link.json")); err != nil {
		t.Fatal(err)
	}
	output := copies(t, p, "upload-0", 0)
	want := bucketSample()
	want["older.txt"], want["link.json"] = "stays", "{}"
	if diff := cmp.Diff(want, files(t, s.bucket("results"))); diff != "" {
		t.Errorf("objects differ (-want +got):\n%s\n%s", diff, output)
	}
}

// What follows init containers starts once they have succeeded: downloads come
// first, then the recipe's container, then uploads.
func TestJobUploadsOnlyWhatSucceeded(t *testing.T) {
	t.Parallel()
	recipe := toBucket("results")
	recipe["input_object_storage"] = fromBucket(map[string]any{})["input_object_storage"]
	recipe["recipe_liveness_probe_params"] = map[string]any{"port": 80}
	p := (&s3Server{endpoint: "http://127.0.0.1:1"}).pod(t, recipe)
	var order []string
	for _, container := range p.InitContainers {
		order = append(order, "init "+container.Name)
		if container.RestartPolicy != nil || container.LivenessProbe != nil {
			t.Errorf("%s: an init container with probes is refused, and one that restarts is not waited for", container.Name)
		}
	}
	for _, container := range p.Containers {
		order = append(order, container.Name)
	}
	if diff := cmp.Diff([]string{"init download-0", "init main", "upload-0"}, order); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// A job reads a checkpoint and writes it where it was.
func TestInputAndOutputAtOnePlaceAreOneVolume(t *testing.T) {
	t.Parallel()
	s := newS3Server(t, map[string]map[string]string{"models": {"step": "1"}})
	recipe := fromBucket(map[string]any{})
	output := map[string]any{"bucket_name": "models", "mount_location": "/models", "volume_size_in_gbs": 2}
	recipe["output_object_storage"] = []any{output}
	p := s.pod(t, recipe)
	copies(t, p, "download-0", 0)
	if diff := cmp.Diff(map[string]string{"step": "1"}, files(t, p.volumes["output-0"])); diff != "" {
		t.Fatalf("downloaded (-want +got):\n%s", diff)
	}
	write(t, p.volumes["output-0"], "step", []byte("2"))
	copies(t, p, "upload-0", 0)
	if diff := cmp.Diff(map[string]string{"step": "2"}, files(t, s.bucket("models"))); diff != "" {
		t.Errorf("uploaded (-want +got):\n%s", diff)
	}
}

func TestBucketSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		recipe    map[string]any
		container string
		spoil     func(s *s3Server, p *pod)
		code      int
		want      string
	}{
		"no such bucket":         {container: "download-0", spoil: func(s *s3Server, _ *pod) { _ = os.RemoveAll(s.bucket("models")) }, code: 3, want: "error: bucket not found"},
		"no bucket to upload to": {recipe: toBucket("typo"), container: "upload-0", code: 1, want: "NoSuchBucket"},
		"wrong secret key":       {container: "download-0", spoil: wrongKey, code: 1, want: "SignatureDoesNotMatch"},
		"wrong key for upload":   {recipe: toBucket("models"), container: "upload-0", spoil: wrongKey, code: 1, want: "check the access key in the Secret"},
		"nothing included":       {recipe: fromBucket(map[string]any{"include": []string{"Models/"}}), container: "download-0", code: 4, want: "error: nothing to download"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newS3Server(t, map[string]map[string]string{"models": bucketSample()})
			if test.recipe == nil {
				test.recipe = fromBucket(map[string]any{})
			}
			p := s.pod(t, test.recipe)
			for name, directory := range p.volumes {
				if name == "output-0" {
					write(t, directory, "result.txt", []byte("x"))
				}
			}
			if test.spoil != nil {
				test.spoil(s, p)
			}
			if output := copies(t, p, test.container, test.code); !strings.Contains(output, test.want) {
				t.Errorf("want %q, got:\n%s", test.want, output)
			}
			if _, err := os.Stat(s.bucket("typo")); err == nil {
				t.Error("a bucket was made of a typo")
			}
		})
	}
}

func wrongKey(_ *s3Server, p *pod) {
	p.secrets["buckets"]["AWS_SECRET_ACCESS_KEY"] = []byte("CANARY-wrong")
}
