package signature

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/logline"
)

var update = flag.Bool("update", false, "write the golden files")

// logs returns the fixtures by name.
func logs(t testing.TB) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("testdata/*.log")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(file), ".log")
		all[name] = strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")
	}
	return all
}

// TestMatch matches one log per signature. Each has the cause well above its end, and
// errors that wrap it below.
func TestMatch(t *testing.T) {
	t.Parallel()
	all := logs(t)
	var got strings.Builder
	for _, s := range table(t).All() {
		lines := all[s.ID]
		if len(lines) < 15 || len(lines) > 60 {
			t.Errorf("%s: the fixture has %d lines", s.ID, len(lines))
		}
		m := table(t).Match(lines)
		if m == nil || m.ID != s.ID || m.Field != s.Field || m.Verdict != s.Verdict {
			t.Errorf("%s: got %+v", s.ID, m)
			continue
		}
		if below := len(lines) - 1 - m.Index; below < 5 {
			t.Errorf("%s: the cause is %d lines above the end", s.ID, below)
		}
		if !strings.Contains(logline.WithoutColors(lines[m.Index]), m.Line) && !strings.HasPrefix(lines[m.Index], "{") {
			t.Errorf("%s: %q is not line %d", s.ID, m.Line, m.Index)
		}
		fmt.Fprintf(&got, "%s\n  line:  %s\n  cause: %s\n  fix:   %s\n", m.ID, m.Line, m.Cause, m.Fix)
	}
	const golden = "testdata/matches.golden"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("%s is not up to date; run the test with -update:\n%s", golden, diff)
	}
}

// TestMatchIsUnique requires that a fixture matches no other signature, except a
// secondary one.
func TestMatchIsUnique(t *testing.T) {
	t.Parallel()
	for name, lines := range logs(t) {
		for _, s := range table(t).All() {
			if s.ID == name || s.Secondary {
				continue
			}
			only := &Table{signatures: []Signature{s}, literals: s.literals}
			if m := only.Match(lines); m != nil {
				t.Errorf("%s also matches %s: %s", name, s.ID, m.Line)
			}
		}
	}
}

// TestNoMatch reads logs without a cause: wrappers alone, a healthy server, and text
// made to look like a signature.
func TestNoMatch(t *testing.T) {
	t.Parallel()
	count := 0
	for name, lines := range logs(t) {
		_, err := table(t).Find(name)
		if err == nil {
			continue
		}
		count++
		if m := table(t).Match(lines); m != nil || !strings.HasPrefix(name, "none-") {
			t.Errorf("%s: got %+v", name, m)
		}
	}
	if count != 3 {
		t.Errorf("%d logs", count)
	}
}

// TestMatchOrder prefers the last cause, and any cause to a secondary one.
func TestMatchOrder(t *testing.T) {
	t.Parallel()
	const memory, disk, kernel, cublas = "CUDA out of memory. Tried to allocate 2.00 GiB", "[Errno 28] No space left on device", "an illegal memory access was encountered", "CUBLAS_STATUS_ALLOC_FAILED"
	for _, test := range []struct {
		lines []string
		want  string
		index int
	}{
		{[]string{memory, "", disk, "x"}, "disk-full", 2},
		{[]string{disk, memory}, "cuda-out-of-memory", 1},
		{[]string{memory, kernel, "x"}, "cuda-out-of-memory", 0},
		{[]string{"Failed to initialize NVML: Unknown Error", "RuntimeError: Failed to infer device type"}, "nvml-unknown-error", 0},
		{[]string{cublas, kernel, "x"}, "cuda-kernel-failed", 1},
		{[]string{"(APIServer pid=1) Invalid username or password."}, "huggingface-token-invalid", 0},
		{[]string{`RequestError: status 401: {"error":"Invalid username or password."}`}, "huggingface-token-invalid", 0},
		{[]string{kernel + " " + memory}, "cuda-out-of-memory", 0},
		{[]string{`{"message": "` + disk + `\n` + memory + `\n", "level": "error"}`}, "cuda-out-of-memory", 0},
	} {
		m := table(t).Match(test.lines)
		if m == nil || m.ID != test.want || m.Index != test.index {
			t.Errorf("%q: got %+v, want %s in line %d", test.lines, m, test.want, test.index)
		}
	}
}

// TestMatchLine removes colors, prefixes and JSON from the line.
func TestMatchLine(t *testing.T) {
	t.Parallel()
	const text = "OSError: [Errno 28] No space left on device"
	for _, line := range []string{
		text, "  " + text + "\t",
		"(EngineCore pid=84) ERROR 05-07 10:11:12 [core.py:712] " + text,
		"(RayWorkerWrapper pid=7, ip=10.0.0.2) " + text,
		"[rank0]: " + text,
		"[rank0]:[E507 10:11:12.418 ProcessGroupNCCL.cpp:616] " + text,
		"[2026-11-28 10:11:12 TP0] " + text,
		"2026-11-28T10:11:12.345678Z ERROR " + text,
		"2026-11-28 10:11:12,345 - ERROR - " + text,
		"E1128 10:11:12.000005 1 model_lifecycle.cc:642] " + text,
		"web-0:112:113 [0] " + text,
		"\x1b[1;31mERROR\x1b[0m: OSError: \x1b[1m[Errno 28]\x1b[0m No space left on device",
		`{"level": "ERROR", "message": "` + text + `"}`,
		`{"level": "ERROR", "message": "failed", "exc_info": "Traceback (most recent call last):\n  File \"x\"\n` + text + `"}`,
		`{"timestamp": "2026-11-28T10:11:12Z", "fields": {"message": "` + text + `"}, "target": "launcher"}`,
		"loading 10%\r" + text + "\rloading 20%",
	} {
		if m := table(t).Match([]string{line}); m == nil || m.Line != text {
			t.Errorf("%q: got %+v", line, m)
		}
	}
}

// TestMatchBounds reads the end of long logs, and cuts long lines.
func TestMatchBounds(t *testing.T) {
	t.Parallel()
	const text = "OSError: [Errno 28] No space left on device"
	for name, test := range map[string]struct {
		above []string
		found bool
	}{
		"1,000 lines":    {slices.Repeat([]string{"x"}, MaxLines-1), true},
		"1,001 lines":    {slices.Repeat([]string{"x"}, MaxLines), false},
		"1 MiB":          {[]string{strings.Repeat("x", MaxBytes-len(text))}, true},
		"more than that": {[]string{strings.Repeat("x", MaxBytes-len(text)+1)}, false},
	} {
		if m := table(t).Match(append([]string{text}, test.above...)); (m != nil) != test.found {
			t.Errorf("%s: got %+v", name, m)
		}
	}
	m := table(t).Match([]string{text + strings.Repeat("ä", 500)})
	if m == nil || len(m.Line) > maxLine+len("…") || !strings.HasSuffix(m.Line, "ä…") {
		t.Errorf("got %+v", m)
	}
	if m := table(t).Match(nil); m != nil {
		t.Errorf("got %+v", m)
	}
}

// BenchmarkMatch reads 1,000 lines without a cause, half of them in JSON.
func BenchmarkMatch(b *testing.B) {
	var lines []string
	for i := range MaxLines / 2 {
		text := fmt.Sprintf(`File "/usr/local/lib/python3.12/dist-packages/vllm/v1/engine/core.py", line %d, in run_engine_core: engine_core = EngineCoreProc(vllm_config)`, i)
		lines = append(lines, "(EngineCore pid=84) ERROR 05-07 10:11:12 [core.py:712] "+text,
			`{"timestamp":"2026-11-28T10:11:12.345678Z","level":"ERROR","fields":{"message":"`+strings.ReplaceAll(text, `"`, `\"`)+`"}}`)
	}
	all := table(b)
	for b.Loop() {
		if all.Match(lines) != nil {
			b.Fatal("matched")
		}
	}
}
