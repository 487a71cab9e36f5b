// Package preflight checks rendered objects against the cluster before anything
// is written: whether what they refer to exists (Secrets and their keys, images,
// models, ConfigMaps, claims, classes), whether the user has the permissions, and whether
// quotas, admission and nodes accept the pods. It works on Kubernetes objects,
// never on recipes, and holds no Secret values.
package preflight

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/modelhub"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/secrets"
)

// Check finds problems that prevent objects from working after they are created. It
// needs only the permissions that a deploy needs: a note lists the checks that were
// skipped because the user may not read something.
type Check struct {
	Client    kubernetes.Interface
	Secrets   corev1client.SecretsGetter // with the changes that are applied before the pods start
	Dynamic   dynamic.Interface
	Mapper    meta.RESTMapper
	Namespace string
	Registry  registry.Options
	Models    modelhub.Options
	Records   string // the resource of Helm's release records, "" if they are not in the cluster
}

// run is the state of one Run of a Check.
type run struct {
	Check
	releases []dryrun.Release
	pods     []*pod
	skipped  skipped

	overQuota   []Finding // pods that a quota rejected; reported only if the quotas cannot be read
	limitRanges func() ([]corev1.LimitRange, error)
	allNodes    func() ([]corev1.Node, error) // read once
	secretStore func() (store, error)         // read once
	secretNames func() []string               // in the namespace; none if the user may not list them
}

// check is one of the checks of a run. Its findings carry its name.
type check struct {
	name string
	find func(context.Context) ([]Finding, error)
}

// checks returns the checks that run at the same time, in the order of their findings.
func (r *run) checks() []check {
	return []check{
		{"secrets", r.secrets},
		{"images", r.images},
		{"models", r.models},
		{"configmaps", r.configMaps},
		{"volumes", r.volumes},
		{"limits", r.claimLimits},
		{"permissions", r.permissions},
		{"apis", r.apis},
		{"gitops", r.gitops},
		{"quota", r.quotas},
		{"scheduling", r.scheduling},
		{"capacity", r.capacity},
		{"routes", r.routes},
		{"controllers", r.controllers},
		{"queues", r.queues},
	}
}

// Run returns the findings, the most severe first. It fails if the cluster
// cannot be reached or the namespace does not exist.
func (c Check) Run(ctx context.Context, releases []dryrun.Release) ([]Finding, error) {
	r := &run{Check: c, releases: releases}
	r.allNodes = sync.OnceValues(func() ([]corev1.Node, error) {
		list, err := r.Client.CoreV1().Nodes().List(ctx, metav1.ListOptions{ResourceVersion: "0"}) // from the server's cache
		return list.Items, err
	})
	r.limitRanges = sync.OnceValues(func() ([]corev1.LimitRange, error) {
		list, err := r.Client.CoreV1().LimitRanges(r.Namespace).List(ctx, metav1.ListOptions{})
		if r.skipped.forbids(err, "limitranges", "limits of pods and claims") {
			return nil, nil
		}
		if err != nil {
			return nil, err
		}
		return list.Items, nil
	})
	r.secretNames = sync.OnceValue(func() []string {
		var names []string
		entries, _ := secrets.List(ctx, r.Secrets, r.Namespace, "")
		for _, e := range entries {
			names = append(names, e.Name)
		}
		return names
	})
	r.secretStore = sync.OnceValues(func() (store, error) { return r.read(ctx) })
	for _, release := range releases {
		pods, err := podsOf(release.Objects)
		if err != nil {
			return nil, err
		}
		for _, p := range pods {
			p.release = release.Name
		}
		r.pods = append(r.pods, pods...)
	}
	// The other checks use the pods as admitted by the server.
	findings, err := runAll(ctx, check{"admission", r.admission})
	if err != nil {
		return nil, err
	}
	more, err := runAll(ctx, r.checks()...)
	if err != nil {
		return nil, err
	}
	return sorted(slices.Concat(findings, more, named("skipped", r.skipped.findings()))), nil
}

// objects returns the objects of all releases.
func (r *run) objects() []*unstructured.Unstructured {
	var all []*unstructured.Unstructured
	for _, release := range r.releases {
		all = append(all, release.Objects...)
	}
	return all
}

// runAll runs checks at the same time and returns their findings in the order of
// the checks.
func runAll(ctx context.Context, checks ...check) ([]Finding, error) {
	findings := make([][]Finding, len(checks))
	group, ctx := errgroup.WithContext(ctx)
	for i, c := range checks {
		group.Go(func() error {
			found, err := c.find(ctx)
			findings[i] = named(c.name, found)
			return err
		})
	}
	err := group.Wait()
	return slices.Concat(findings...), err
}

// named sets the check that the findings are from.
func named(check string, findings []Finding) []Finding {
	for i := range findings {
		findings[i].Check = check
	}
	return findings
}

// each calls do for every item, a limited number at the same time.
func each[T any](ctx context.Context, items []T, do func(context.Context, T) error) error {
	_, err := collect(ctx, items, func(ctx context.Context, item T) (struct{}, error) { return struct{}{}, do(ctx, item) })
	return err
}

// collect calls do as each does, and returns the results in the order of the items.
func collect[T, R any](ctx context.Context, items []T, do func(context.Context, T) (R, error)) ([]R, error) {
	results := make([]R, len(items))
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(inFlight)
	for i, item := range items {
		group.Go(func() (err error) {
			results[i], err = do(ctx, item)
			return err
		})
	}
	return results, group.Wait()
}
