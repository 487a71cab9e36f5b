package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strconv"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/component-base/version"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/cluster/node"
)

const (
	nvidiaGPU = "nvidia.com/gpu"
	amdGPU    = "amd.com/gpu"

	nvidiaShape = "BM.GPU.H100.8"
	amdShape    = "BM.GPU.MI300X.8"
)

// startNodes returns when every simulated node takes pods.
func (c *cluster) startNodes(ctx context.Context) error {
	running, cancel := context.WithCancel(context.Background())
	done := make(chan struct{}, c.opts.nodes)
	started := 0
	c.undo = append(c.undo, func() {
		cancel()
		for range started {
			<-done
		}
	})
	failed := make(chan error, c.opts.nodes)
	for i := range c.opts.nodes {
		n, err := node.New(c.plane.Client, c.nodeConfig(i))
		if err != nil {
			return err
		}
		started++
		go func() {
			if err := n.Run(running); err != nil {
				failed <- err
			}
			done <- struct{}{}
		}()
	}
	return c.plane.WaitFor(ctx, "the simulated nodes", func(ctx context.Context) error {
		select {
		case err := <-failed:
			return err
		default:
			return c.schedulable(ctx)
		}
	})
}

// defaultResources are those of a node beside its GPUs.
func defaultResources() corev1.ResourceList {
	return corev1.ResourceList{
		corev1.ResourceCPU:              resource.MustParse("112"),
		corev1.ResourceMemory:           resource.MustParse("2Ti"),
		corev1.ResourceEphemeralStorage: resource.MustParse("10Ti"),
		corev1.ResourcePods:             resource.MustParse("110"),
	}
}

// nodeConfig describes the i-th node. The last is an AMD node if any is.
func (c *cluster) nodeConfig(i int) node.Config {
	gpu, count, shape := corev1.ResourceName(nvidiaGPU), c.opts.gpus, nvidiaShape
	if c.opts.amdGPUs > 0 && i == c.opts.nodes-1 {
		gpu, count, shape = amdGPU, c.opts.amdGPUs, amdShape
	}
	resources := maps.Clone(c.opts.resources)
	labels := map[string]string{corev1.LabelInstanceTypeStable: shape}
	if count > 0 {
		resources[gpu] = *resource.NewQuantity(int64(count), resource.DecimalSI)
		labels[string(gpu)+".present"] = strconv.FormatBool(true)
	}
	for k, v := range c.opts.labels {
		labels[k] = v
	}
	subnet := c.opts.pods.Masked().Addr().As4()
	subnet[1], subnet[2] = subnet[1]+byte((int(subnet[2])+i)>>8), subnet[2]+byte(i)
	return node.Config{
		Name:      fmt.Sprintf("gpu-node-%d", i+1),
		IP:        fmt.Sprintf("10.99.1.%d", i+1),
		PodCIDR:   fmt.Sprintf("%d.%d.%d.0/24", subnet[0], subnet[1], subnet[2]),
		Labels:    labels,
		Resources: resources,
		Version:   version.Get().GitVersion,
		PKI:       c.pki,

		Dir:         c.path("containers"),
		ModelServer: c.opts.modelServer,
	}
}

// schedulable returns no error once all nodes have lost the taint that a node
// bears until the controllers have seen it ready.
func (c *cluster) schedulable(ctx context.Context) error {
	nodes, err := c.plane.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{})
	if err != nil {
		return err
	}
	untainted := 0
	for _, n := range nodes.Items {
		if len(n.Spec.Taints) == 0 {
			untainted++
		}
	}
	if untainted < c.opts.nodes {
		return errors.New("not all of them take pods yet")
	}
	return nil
}
