package redact

import (
	"context"

	"k8s.io/klog/v2"
)

// headerLevel is the highest verbosity at which client-go logs methods, URLs,
// headers and statuses, but no bodies. From 8 on it logs the body of every
// request and response, which holds the values of Secrets in base64.
const headerLevel = 7

// WithoutBodyLogging returns a context for requests with secret values. At verbosity 8 and
// above, no more of them is logged than at verbosity 7.
func WithoutBodyLogging(ctx context.Context) context.Context {
	logger := klog.FromContext(ctx)
	inner := logger.GetSink()
	if inner == nil { // nothing is logged
		return ctx
	}
	if deeper, ok := inner.(callDepthSink); ok { // name the line that logs, not this file
		inner = deeper.WithCallDepth(1)
	}
	return klog.NewContext(ctx, logger.WithSink(bodilessSink{inner}))
}

// callDepthSink is logr.CallDepthLogSink, for which klog has no alias.
type callDepthSink interface {
	WithCallDepth(depth int) klog.LogSink
}

// bodilessSink is a log sink that drops every entry above headerLevel.
type bodilessSink struct{ inner klog.LogSink }

// Init does nothing: the inner sink had its Init.
func (bodilessSink) Init(klog.RuntimeInfo) {}

func (s bodilessSink) Enabled(level int) bool {
	return level <= headerLevel && s.inner.Enabled(level)
}

func (s bodilessSink) Info(level int, message string, keysAndValues ...any) {
	s.inner.Info(level, message, keysAndValues...)
}

func (s bodilessSink) Error(err error, message string, keysAndValues ...any) {
	s.inner.Error(err, message, keysAndValues...)
}

func (s bodilessSink) WithValues(keysAndValues ...any) klog.LogSink {
	return bodilessSink{s.inner.WithValues(keysAndValues...)}
}

func (s bodilessSink) WithName(name string) klog.LogSink {
	return bodilessSink{s.inner.WithName(name)}
}

func (s bodilessSink) WithCallDepth(depth int) klog.LogSink {
	if deeper, ok := s.inner.(callDepthSink); ok {
		return bodilessSink{deeper.WithCallDepth(depth)}
	}
	return s
}
