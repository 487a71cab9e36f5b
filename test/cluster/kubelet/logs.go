package kubelet

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apiserver/pkg/util/flushwriter"
	internalapi "k8s.io/cri-api/pkg/apis"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"
	"k8s.io/cri-client/pkg/logs"
	"k8s.io/kubernetes/pkg/api/legacyscheme"
	_ "k8s.io/kubernetes/pkg/apis/core/install" // knows the parameters of a log request
)

// logs answers kubectl logs.
func (s *Server) logs(w http.ResponseWriter, r *http.Request) {
	parameters, err := decode(r.URL.Query())
	if err != nil {
		fail(w, err)
		return
	}
	found, err := s.host.Log(podOf(r), r.PathValue("container"), parameters.Previous)
	if err != nil {
		fail(w, err)
		return
	}
	out := flushwriter.Wrap(w)
	_, _ = out.Write(nil) // send the headers now, like a kubelet
	switch {
	case found.File != "":
		// An error can no longer be reported to the client.
		_ = logs.ReadLogs(r.Context(), found.File, "", options(parameters), containerState{ended: found.Ended}, out, out)
	case parameters.Follow:
		select {
		case <-found.Ended:
		case <-r.Context().Done():
		}
	}
}

func decode(query url.Values) (*corev1.PodLogOptions, error) {
	parameters := &corev1.PodLogOptions{}
	if err := legacyscheme.ParameterCodec.DecodeParameters(query, corev1.SchemeGroupVersion, parameters); err != nil {
		return nil, fmt.Errorf("unable to decode query: %w", err)
	}
	return parameters, nil
}

func options(p *corev1.PodLogOptions) *logs.LogOptions {
	o := &logs.LogOptions{
		TailLines:  p.TailLines,
		LimitBytes: p.LimitBytes,
		Follow:     p.Follow,
		Timestamp:  p.Timestamps,
	}
	if p.SinceSeconds != nil {
		o.Since = time.Now().Add(-time.Duration(*p.SinceSeconds) * time.Second)
	}
	if p.SinceTime != nil {
		o.Since = p.SinceTime.Time
	}
	return o
}

// containerState is the container runtime for a reader that follows a log. The reader
// only asks whether the container is running.
type containerState struct {
	internalapi.RuntimeService
	ended <-chan struct{}
}

// ContainerStatus implements internalapi.RuntimeService.
func (c containerState) ContainerStatus(context.Context, string, bool) (*runtimeapi.ContainerStatusResponse, error) {
	state := runtimeapi.ContainerState_CONTAINER_RUNNING
	select {
	case <-c.ended:
		state = runtimeapi.ContainerState_CONTAINER_EXITED
	default:
	}
	return &runtimeapi.ContainerStatusResponse{Status: &runtimeapi.ContainerStatus{State: state}}, nil
}
