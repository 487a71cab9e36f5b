package kube

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/metadata/metadatainformer"
	"k8s.io/client-go/tools/cache"
)

// changesDelay collects changes that belong together, such as those of a rollout.
const changesDelay = 200 * time.Millisecond

// Changes returns a channel that receives a value after objects of the given kinds
// have changed. Objects that exist at the start count as changes, because they may be
// newer than those that the caller reads before the watch is established. namespace is
// "" for all namespaces. Kinds that the cluster does not serve are skipped; those that
// the user may not watch never change. It reads metadata only and stops when ctx is
// done.
func (c *Cluster) Changes(ctx context.Context, namespace, selector string, kinds ...schema.GroupKind) (<-chan struct{}, error) {
	config, err := c.Getter.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	client, err := metadata.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	factory := metadatainformer.NewFilteredSharedInformerFactory(client, 0, namespace, func(o *metav1.ListOptions) { o.LabelSelector = selector })
	changed := make(chan struct{}, 1)
	notify := func() {
		select {
		case changed <- struct{}{}:
		default:
		}
	}
	for _, kind := range kinds {
		mapping, err := c.Mapper.RESTMapping(kind)
		if err != nil {
			continue
		}
		informer := factory.ForResource(mapping.Resource).Informer()
		_ = informer.SetWatchErrorHandlerWithContext(func(context.Context, *cache.Reflector, error) {})
		_, err = informer.AddEventHandler(cache.ResourceEventHandlerFuncs{
			AddFunc:    func(any) { notify() },
			UpdateFunc: func(any, any) { notify() },
			DeleteFunc: func(any) { notify() },
		})
		if err != nil {
			return nil, err
		}
	}
	factory.Start(ctx.Done())
	collected := make(chan struct{})
	go func() {
		defer close(collected)
		for {
			select {
			case <-ctx.Done():
				return
			case <-changed:
			}
			select {
			case <-ctx.Done():
				return
			case <-time.After(changesDelay):
			}
			select {
			case <-ctx.Done():
				return
			case collected <- struct{}{}:
			}
		}
	}()
	return collected, nil
}
