package secrets

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"k8s.io/client-go/rest"
)

// TestServerDiesInTheMiddle cuts every connection to the server for good.
func TestServerDiesInTheMiddle(t *testing.T) {
	t.Parallel()
	const total, dieAt = 200, 120
	c := newCluster(t)
	proxy := newProxy(t)
	var mu sync.Mutex
	requests := 0
	dying := c.as(func(config *rest.Config) {
		proxy.config(config)
		counting(func() {
			mu.Lock()
			defer mu.Unlock()
			if requests++; requests == dieAt {
				proxy.cut()
			}
		})(config)
	})
	var ops []string
	for i := range total {
		ops = append(ops, opaque(ActionApply, fmt.Sprintf("s%d", i), "new", "v"))
	}
	counts := map[Status]int{}
	results := applied(t, dying.batch(list(ops...)))
	there := c.names()
	for _, r := range results {
		counts[r.Status]++
		open := strings.Contains(r.Message, "may or may not have been")
		if r.Status == StatusSuccess != there[r.Name] && !open || r.Status == StatusError && r.Reason != "NoAnswer" {
			t.Errorf("result is %+v, Secret is there: %t", r, there[r.Name])
		}
	}
	if counts[StatusSuccess] == 0 || counts[StatusError] == 0 || len(results) != total {
		t.Errorf("statuses are %v: this tests nothing: %+v", counts, results[0])
	}
	wantAll(t, c.checkAndApply(list(ops...)))
	if len(c.names()) != total {
		t.Errorf("%d Secrets after the second run, want %d", len(c.names()), total)
	}
}

func wantAll(t *testing.T, results []Result) {
	t.Helper()
	if len(results) == 0 {
		t.Error("no results")
	}
	for _, r := range results {
		if r.Status != StatusSuccess {
			t.Errorf("result is %+v, want success", r)
		}
	}
}

// TestTwoRunsAtOnce has two batches on the same names, as two pipelines would.
func TestTwoRunsAtOnce(t *testing.T) {
	t.Parallel()
	const names = 40
	c := newCluster(t)
	var group sync.WaitGroup
	for run := range 2 {
		var ops []string
		for i := range names {
			ops = append(ops,
				merging(opaque(ActionApply, fmt.Sprintf("m%d", i), fmt.Sprintf("run%d", run), "v")),
				merging(pullSecret(ActionApply, fmt.Sprintf("r%d", i), fmt.Sprintf("run%d.example.com", run), "u", "p")),
				opaque(ActionApply, fmt.Sprintf("o%d", i), "a", fmt.Sprint(run), "b", fmt.Sprint(run)))
		}
		group.Go(func() { wantAll(t, c.checkAndApply(list(ops...))) })
	}
	group.Wait()
	for i := range names {
		m, r, o := c.get(fmt.Sprintf("m%d", i)), c.get(fmt.Sprintf("r%d", i)), c.get(fmt.Sprintf("o%d", i))
		config := string(r.Data[".dockerconfigjson"])
		if len(m.Data) != 2 || !strings.Contains(config, "run0.") || !strings.Contains(config, "run1.") {
			t.Errorf("an update of %d is lost: %d keys, %s", i, len(m.Data), config)
		}
		if string(o.Data["a"]) != string(o.Data["b"]) || len(o.Data) != 2 {
			t.Errorf("%s is of both runs: %s", o.Name, o.Data)
		}
	}
}
