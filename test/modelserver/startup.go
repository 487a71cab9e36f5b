package modelserver

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
)

// The phases of a start.
const (
	Download = "download"
	Load     = "load"
	Capture  = "capture"
)

// Startup is the start of a vLLM server. A phase with a duration of 0 is left out.
type Startup struct {
	Model                   string
	Port                    int
	Download, Load, Capture time.Duration
	Stuck                   string // the phase that stops halfway
}

// Run prints the log of a start to w. It returns nil once the server is up, and the error
// of ctx if that ends first, which for a stuck phase is the only end.
func (s *Startup) Run(ctx context.Context, w io.Writer) error {
	if s.Stuck != "" && !slices.Contains([]string{Download, Load, Capture}, s.Stuck) {
		return fmt.Errorf("phase must be %s, %s or %s", Download, Load, Capture)
	}
	info := func(format string, args ...any) {
		fmt.Fprintf(w, "INFO %s %s\n", time.Now().Format("01-02 15:04:05"), fmt.Sprintf(format, args...))
	}
	begin := time.Now()
	info("[__init__.py:241] Automatically detected platform cuda.")
	info("[api_server.py:1213] vLLM API server version 0.10.0")
	info("[gpu_model_runner.py:1843] Starting to load model %s...", s.Model)
	if s.Download > 0 {
		info("[weight_utils.py:296] Using model weights format ['*.safetensors']")
		if err := s.phase(ctx, w, Download, s.Download, 20, downloadBar); err != nil {
			return err
		}
		info("[weight_utils.py:312] Time spent downloading weights for %s: %.6f seconds", s.Model, s.Download.Seconds())
	}
	if s.Load > 0 {
		if err := s.phase(ctx, w, Load, s.Load, 8, loadBar); err != nil {
			return err
		}
		info("[default_loader.py:262] Loading weights took %.2f seconds", s.Load.Seconds())
	}
	info("[gpu_worker.py:255] Available KV cache memory: 51.28 GiB")
	if s.Capture > 0 {
		if err := s.phase(ctx, w, Capture, s.Capture, 35, captureBar); err != nil {
			return err
		}
		info("[gpu_model_runner.py:2513] Graph capturing finished in %.0f secs, took 0.49 GiB", s.Capture.Seconds())
	}
	info("[core.py:193] init engine (profile, create kv cache, warmup model) took %.2f seconds", time.Since(begin).Seconds())
	info("[api_server.py:1289] Starting vLLM API server 0 on http://0.0.0.0:%d", s.Port)
	for _, line := range []string{"Started server process [1]", "Waiting for application startup.", "Application startup complete."} {
		fmt.Fprintf(w, "INFO:     %s\n", line)
	}
	return nil
}

// phase prints a progress bar of n steps over a duration, each state on its own line.
func (s *Startup) phase(ctx context.Context, w io.Writer, name string, d time.Duration, n int, bar func(done, n int, elapsed time.Duration) string) error {
	last := n
	if s.Stuck == name {
		last = n / 2
	}
	begin := time.Now()
	for i := range last + 1 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Until(begin.Add(d * time.Duration(i) / time.Duration(n)))):
		}
		fmt.Fprintln(w, bar(i, n, time.Since(begin)))
	}
	if s.Stuck == name {
		<-ctx.Done()
	}
	return ctx.Err()
}

// The size of the downloaded file, in bytes.
const fileSize = 14.2e9

// downloadBar is the bar of huggingface_hub for one file.
func downloadBar(done, n int, elapsed time.Duration) string {
	m := meter{total: fileSize, done: fileSize * float64(done) / float64(n), elapsed: elapsed, bytes: true}
	return fmt.Sprintf("model-00001-of-00002.safetensors: %3.0f%%|%s| %s", m.percent(), m.bar(), m.counts())
}

// loadBar is the bar of vllm/model_executor/model_loader/weight_utils.py.
func loadBar(done, n int, elapsed time.Duration) string {
	m := meter{total: float64(n), done: float64(done), elapsed: elapsed}
	return fmt.Sprintf("Loading safetensors checkpoint shards: %3.0f%% Completed | %s", m.percent(), m.counts())
}

// captureBar is the bar of vllm/v1/worker/gpu_model_runner.py.
func captureBar(done, n int, elapsed time.Duration) string {
	m := meter{total: float64(n), done: float64(done), elapsed: elapsed}
	return fmt.Sprintf("Capturing CUDA graphs (mixed prefill-decode, PIECEWISE): %3.0f%%|%s| %s", m.percent(), m.bar(), m.counts())
}

// meter formats progress like tqdm's format_meter.
type meter struct {
	done, total float64
	elapsed     time.Duration
	bytes       bool // unit="B", unit_scale=True; otherwise iterations
}

func (m meter) percent() float64 { return 100 * m.done / m.total }

// bar returns ten characters, the last of them filled by eighths.
func (m meter) bar() string {
	const width, eighths = 10, 8
	filled := int(m.done / m.total * width * eighths)
	bar := strings.Repeat("█", filled/eighths)
	if filled < width*eighths {
		bar += string([]rune(" ▏▎▍▌▋▊▉")[filled%eighths])
		bar += strings.Repeat(" ", width-filled/eighths-1)
	}
	return bar
}

// counts returns tqdm's "n/total [elapsed<remaining, rate]".
func (m meter) counts() string {
	done, total, unit := fmt.Sprint(m.done), fmt.Sprint(m.total), "it"
	if m.bytes {
		done, total, unit = scaled(m.done), scaled(m.total), "B"
	}
	rate := m.done / m.elapsed.Seconds()
	if m.done == 0 {
		return fmt.Sprintf("%s/%s [%s<?, ?%s/s]", done, total, clock(m.elapsed), unit)
	}
	speed := fmt.Sprintf("%5.2f%s/s", rate, unit)
	switch {
	case m.bytes:
		speed = scaled(rate) + unit + "/s"
	case rate < 1:
		speed = fmt.Sprintf("%5.2fs/%s", 1/rate, unit)
	}
	remaining := time.Duration((m.total - m.done) / rate * float64(time.Second))
	return fmt.Sprintf("%s/%s [%s<%s, %s]", done, total, clock(m.elapsed), clock(remaining), speed)
}

// scaled returns three digits and a decimal prefix, like tqdm's format_sizeof.
func scaled(n float64) string {
	units := []string{"", "k", "M", "G", "T"}
	for len(units) > 1 && n >= 999.5 {
		n, units = n/1000, units[1:]
	}
	digits := 0
	switch {
	case n < 9.995:
		digits = 2
	case n < 99.95:
		digits = 1
	}
	return fmt.Sprintf("%.*f%s", digits, n, units[0])
}

func clock(d time.Duration) string {
	s := int(d.Seconds())
	if s >= 3600 {
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%02d:%02d", s/60, s%60)
}
