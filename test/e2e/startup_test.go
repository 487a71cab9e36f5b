package e2e

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// phaseLines are the lines of the model server with which a phase begins, and what deploy
// prints for it.
var phaseLines = []struct{ logged, shown string }{
	{"model-00001-of-00002.safetensors:   0%", "container main: downloading "},
	{"Loading safetensors checkpoint shards:   0%", "container main: loading shards "},
	{"Capturing CUDA graphs (mixed prefill-decode, PIECEWISE):   0%", "container main: capturing CUDA graphs "},
}

// logged returns when a line of the pod of the model was written.
func (l *lane) logged(t *testing.T, words string) time.Time {
	t.Helper()
	text := l.logs("model", corev1.PodLogOptions{Timestamps: true})
	var last time.Time
	for line := range strings.Lines(text) {
		stamp, line, _ := strings.Cut(line, " ")
		if strings.Contains(line, words) {
			written, err := time.Parse(time.RFC3339Nano, stamp)
			if err != nil {
				t.Fatal(err)
			}
			last = written
		}
	}
	if last.IsZero() {
		t.Fatalf("no %q in\n%s", words, text)
	}
	return last
}

// startingModel returns a recipe of the model server with a startup probe that allows a
// minute.
func startingModel(image string, args ...string) object {
	recipe := service(image, object{"deployment_name": "model", "recipe_container_command_args": append([]string{"model"}, args...)})
	recipe["recipe_startup_probe_params"] = probe(60)
	return recipe
}

// TestStartupPhases shows each phase of a start within two seconds of its line in the log,
// or of the report of a busy kubelet that the container runs, and how long it took.
func TestStartupPhases(t *testing.T) {
	t.Parallel()
	l := newLane(t)
	r := newRegistry(t)
	image := r.push(appImage(t))
	l.applySecrets(pullSecret(r, password))
	o := l.observe(nil)
	p := l.start("deploy", l.file("model.json", startingModel(image, "-download=8s", "-load=6s", "-capture=5s")))
	l.succeeds(p, o)
	running := o.happened(t, "running ")
	for _, phase := range phaseLines {
		written := l.logged(t, phase.logged)
		if written.Before(running) {
			written = running
		}
		shown, ok := p.says(phase.shown)
		if late := shown.Sub(written); !ok || late > 2*time.Second {
			t.Errorf("%q is shown %s after its line", phase.shown, late)
		}
	}
	ready := regexp.MustCompile(`recipe-model ready after \d+s: (?:schedule \d+s, )?(?:pull \d+s, )?download [789]s, load [567]s, capture [456]s(?:, warmup \d+s)?\n`)
	if !ready.MatchString(p.String()) {
		t.Errorf("no %s in\n%s", ready, p)
	}
}

// TestStuckStart ends after the timeout without progress, and names the last phase.
func TestStuckStart(t *testing.T) {
	t.Parallel()
	l := newLane(t)
	r := newRegistry(t)
	image := r.push(appImage(t))
	l.applySecrets(pullSecret(r, password))
	const limit = 6 * time.Second // less than the start takes until it is stuck
	p := l.run("deploy", l.file("model.json", startingModel(image, "-download=8s", "-load=4s", "-stuck=load")), "--no-progress-timeout="+limit.String(), "-o", "json")
	if p.code != 1 {
		t.Errorf("exit code %d\n%s", p.code, p)
	}
	stuck := l.logged(t, "Loading safetensors checkpoint shards:  50%")
	if after := p.ended.Sub(stuck); after < limit-time.Second || after > limit+5*time.Second {
		t.Errorf("ends %s after the last line", after)
	}
	var failure struct {
		Failure struct{ Cause, After, Phase, Message, Container string }
	}
	lines := strings.Split(strings.TrimSpace(p.stdout()), "\n")
	if err := json.Unmarshal([]byte(lines[len(lines)-1]), &failure); err != nil {
		t.Fatal(err)
	}
	if f := failure.Failure; f.Cause != "start" || f.After != "no progress for 6s; last phase: load" || f.Phase != "load" || f.Message != "loading shards 4/8" || f.Container != "main" {
		t.Errorf("failure is %+v", f)
	}
}
