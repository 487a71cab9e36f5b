package main

import (
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func TestParse(t *testing.T) {
	o, err := parse([]string{"-nodes=3", "-gpus=4", "-node-label=a=b", "-node-resource=nvidia.com/mig-1g.10gb=7", "-node-resource=cpu=1k", "-crds=d", "-apiserver-flag=--x=1", "-apiserver-flag=--y=2", "-model-server=sh -c x", "--", "go", "test", "-v"})
	if err != nil {
		t.Fatal(err)
	}
	if o.nodes != 3 || o.gpus != 4 || o.labels["a"] != "b" || o.listen != "127.0.0.1:0" {
		t.Errorf("%+v", o)
	}
	if mig, cpu := o.resources["nvidia.com/mig-1g.10gb"], o.resources["cpu"]; mig.Value() != 7 || cpu.Value() != 1000 || o.resources.Memory().IsZero() {
		t.Errorf("%v", o.resources)
	}
	if c := o.modelServer; len(c) != 3 || !filepath.IsAbs(c[0]) || filepath.Base(c[0]) != "sh" || !slices.Equal(c[1:], []string{"-c", "x"}) {
		t.Errorf("%q", c)
	}
	if !slices.Equal(o.crds, []string{"d"}) {
		t.Errorf("%q", o.crds)
	}
	if !slices.Equal(o.apiServer, []string{"--x=1", "--y=2"}) || !slices.Equal(o.command, []string{"go", "test", "-v"}) {
		t.Errorf("%q %q", o.apiServer, o.command)
	}
}

func TestParseRefuses(t *testing.T) {
	silence(t)
	for _, args := range [][]string{
		{"-nodes=-1"}, {"-gpus=-1"}, {"-nodes=251"}, {"-nodes=2", "-pod-cidr=10.0.0.0/24"}, {"-pod-cidr=fd00::/64"},
		{"-service-cidr=x"}, {"-node-label=x"}, {"-node-resource=x"}, {"-node-resource=cpu=many"}, {"-no-such-flag"},
		{"-model-server= "}, {"-model-server=/no/such/program"},
	} {
		if _, err := parse(args); usageCode(err) != 2 {
			t.Errorf("%q: %v", args, err)
		}
	}
	if _, err := parse([]string{"-h"}); !errors.Is(err, flag.ErrHelp) || usageCode(err) != 0 {
		t.Errorf("-h: %v", err)
	}
}

// silence drops what the flag package says on standard error.
func silence(t *testing.T) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	old := os.Stderr
	os.Stderr = w
	go func() { _, _ = io.Copy(io.Discard, r) }()
	t.Cleanup(func() { os.Stderr = old; _ = w.Close() })
}

func TestNodesShareThePodNetwork(t *testing.T) {
	t.Parallel()
	o, err := parse([]string{"-nodes=3", "-amd-gpus=2", "-pod-cidr=10.1.255.0/16"})
	if err != nil {
		t.Fatal(err)
	}
	c := newCluster(o)
	first, last := c.nodeConfig(0), c.nodeConfig(2)
	if first.PodCIDR != "10.1.0.0/24" || last.PodCIDR != "10.1.2.0/24" || first.IP == last.IP {
		t.Errorf("%+v %+v", first, last)
	}
	if q := first.Resources[nvidiaGPU]; q.Value() != 8 {
		t.Errorf("first: %v", first.Resources)
	}
	if q := last.Resources[amdGPU]; q.Value() != 2 || last.Labels["amd.com/gpu.present"] != "true" {
		t.Errorf("last: %v %v", last.Resources, last.Labels)
	}
	if _, ok := last.Resources[nvidiaGPU]; ok {
		t.Error("the AMD node has NVIDIA GPUs")
	}
}
