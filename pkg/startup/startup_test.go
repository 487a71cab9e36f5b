package startup

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// logs are the logs in testdata, with the progress that they show.
var logs = map[string][]string{
	"vllm": {
		"load: loading the model", "load: loading shards 0/4", "load: loading shards 2/4", "load: loading shards 4/4", "warmup: warming up",
		"compile: compiling the model", "warmup: warming up", "capture: capturing CUDA graphs 67/67", "capture: capturing CUDA graphs 12/35",
		"warmup: warming up", "serve: server up",
	},
	"sglang": {
		"load: loading the model", "load: loading shards 2/4", "load: loading shards 3/4", "warmup: warming up",
		"capture: capturing CUDA graphs", "capture: capturing CUDA graphs 2/23", "warmup: warming up", "serve: server up",
	},
	"tgi": {
		"download: downloading", "download: downloading model-00001-of-00002.safetensors", "download: downloading 50% (1 of 2 files)",
		"load: loading the model", "warmup: warming up", "capture: capturing CUDA graphs", "serve: server up",
	},
	"nim": {
		"download: downloading", "download: downloaded config.json", "load: loading the model", "load: loading shards 1/4", "serve: server up",
	},
	"triton": {
		"load: loading model text_encoder", "load: loading model unet", "load: loaded model text_encoder", "load: loaded model unet", "serve: server up",
	},
	"ollama": {
		"serve: server up", "download: downloading", "download: downloading 43% (2 of 4.7 GB)", "load: loading the model", "serve: server up",
	},
	"comfyui": {"load: loading components 4/7", "load: loaded custom nodes", "serve: server up"},
	"huggingface": {
		"download: downloading 0% (0 of 6 files)", "download: downloading 17% (1 of 6 files)",
		"download: downloading 20% (1 of 5 GB)", "download: downloading 30% (3 of 10 GB)", "download: downloading 42% (6.1 of 14.2 GB)",
		"download: downloading 71% (10.1 of 14.2 GB)", "download: downloading 64% (9.2 of 14.2 GB)",
	},
	"loaders":        {"load: loading weights 73/291", "load: loading shards 2/4"},
	"object-storage": {"download: downloading 30% (3 of 10 files, 6,100.0 MB)"},
	"rclone":         {"download: downloading 43% (6.1 of 14.2 GiB)"},
	"tqdm": {
		"load: loading 1/3", "download: downloading 43% (6.1 of 14.2 GB)", "download: downloading 46% (13.2 of 28.4 GB)",
	},
}

// TestLogs reads each log line by line.
func TestLogs(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.log")
	if err != nil || len(files) != len(logs) {
		t.Errorf("%d files for %d logs, %v", len(files), len(logs), err)
	}
	table := newTable(t)
	for name, want := range logs {
		text, err := os.ReadFile("testdata/" + name + ".log")
		if err != nil {
			t.Fatal(err)
		}
		log, got := table.NewLog(), []string(nil)
		for line := range strings.Lines(string(text)) {
			if p, changed := log.Read(strings.TrimSuffix(line, "\n")); changed {
				got = append(got, string(p.Phase)+": "+p.Text)
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func newTable(t testing.TB) *Table {
	t.Helper()
	table, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	return table
}

var id = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// TestTable checks the fields, and that a log in testdata has a line for each entry that
// no entry above it matches.
func TestTable(t *testing.T) {
	t.Parallel()
	table := newTable(t)
	used := map[string]bool{}
	files, _ := filepath.Glob("testdata/*.log")
	for _, file := range files {
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			for state := range strings.SplitSeq(lines.Text(), "\r") {
				if m := table.match(state); m != nil {
					used[m.ID] = true
				}
			}
		}
	}
	var ids []string
	for _, e := range table.entries {
		if !id.MatchString(e.ID) || slices.Contains(ids, e.ID) || len(e.Programs) == 0 || !strings.HasPrefix(e.Source, "https://") || e.Text == "" {
			t.Errorf("incomplete entry %+v", e)
		}
		if e.literals == nil {
			t.Errorf("%s: no literal selects lines", e.ID)
		}
		if !used[e.ID] {
			t.Errorf("%s: no line in testdata", e.ID)
		}
		ids = append(ids, e.ID)
	}
}

// TestOtherLines reads lines that show no progress.
func TestOtherLines(t *testing.T) {
	t.Parallel()
	log := newTable(t).NewLog()
	for _, line := range []string{
		"", "GPU usage 43% | 3/8 [x", "{", `{"message": 3}`, "Avg generation throughput: 12.3 tokens/s, GPU KV cache usage: 43.1%",
		"INFO: Connected to the database", "| 100% |", strings.Repeat("|%", 1000),
	} {
		if p, changed := log.Read(line); changed {
			t.Errorf("%q: got %+v", line, p)
		}
	}
}

// TestInvalidTables reports mistakes in a table.
func TestInvalidTables(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`[{id: a, phase: sleep, pattern: "x"}]`:                            `phase "a": unknown phase "sleep"`,
		`[{id: a, pattern: "x", text: "{{done}}"}]`:                        `group "done" not found`,
		`[{id: a, pattern: "(?P<done>x)", text: "{{percent}}"}]`:           `group "percent" not found`,
		`[{id: a, pattern: "(", text: x}]`:                                 "missing closing )",
		`[{id: a, pattern: "x", title: x}]`:                                "field title not found",
		`[{id: a, pattern: "(?P<done>x)(?P<total>y)", text: "{{size}}%"}]`: "",
	} {
		_, err := parse([]byte(text))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v", text, err)
		}
	}
}

// TestSizes formats the sizes of different programs.
func TestSizes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ done, total, want string }{
		{"6.10G", "14.2G", "6.1 of 14.2 GB"}, {"950M", "14.2G", "950 MB of 14.2 GB"}, {"0.00", "5.00G", "0 of 5 GB"},
		{"2.0 GB", "4.7 GB", "2 of 4.7 GB"}, {"512 KiB", "2 GiB", "512 KiB of 2 GiB"}, {"12", "900", "12 of 900 B"}, {"x", "1k", "0 of 1 kB"},
	} {
		unit := 1000.0
		if strings.Contains(test.total, "i") {
			unit = 1024
		}
		if got := (file{byteCount(test.done), byteCount(test.total)}).format(unit); got != test.want {
			t.Errorf("%s/%s: got %q, want %q", test.done, test.total, got, test.want)
		}
	}
}

// BenchmarkRead reads lines of a log without progress.
func BenchmarkRead(b *testing.B) {
	log := newTable(b).NewLog()
	for b.Loop() {
		log.Read("(EngineCore_DP0 pid=84) INFO 11-28 10:02:12 [kv_cache_utils.py:1087] GPU KV cache size: 252,800 tokens")
	}
}
