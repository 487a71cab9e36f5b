package secrets

import (
	"context"

	"k8s.io/klog/v2"
)

// quietLevel is the highest verbosity at which client-go logs methods, URLs,
// headers and statuses, but no bodies. From 8 on it logs the body of every
// request and response, which here is the values of Secrets in base64.
const quietLevel = 7

// Quiet returns a context for requests that carry secret values: -v=8 and
// above say no more of them than -v=7.
func Quiet(ctx context.Context) context.Context {
	logger := klog.FromContext(ctx)
	inner := logger.GetSink()
	if inner == nil { // nothing is logged at all
		return ctx
	}
	if deeper, ok := inner.(callDepthSink); ok { // name the line that logs, not this file
		inner = deeper.WithCallDepth(1)
	}
	return klog.NewContext(ctx, logger.WithSink(quietSink{inner}))
}

// callDepthSink is logr.CallDepthLogSink, which klog gives no name.
type callDepthSink interface {
	WithCallDepth(depth int) klog.LogSink
}

// quietSink is a log sink that is deaf above quietLevel.
type quietSink struct{ inner klog.LogSink }

// Init does nothing: the inner sink had its Init.
func (quietSink) Init(klog.RuntimeInfo) {}

func (s quietSink) Enabled(level int) bool {
	return level <= quietLevel && s.inner.Enabled(level)
}

func (s quietSink) Info(level int, message string, keysAndValues ...any) {
	s.inner.Info(level, message, keysAndValues...)
}

func (s quietSink) Error(err error, message string, keysAndValues ...any) {
	s.inner.Error(err, message, keysAndValues...)
}

func (s quietSink) WithValues(keysAndValues ...any) klog.LogSink {
	return quietSink{s.inner.WithValues(keysAndValues...)}
}

func (s quietSink) WithName(name string) klog.LogSink {
	return quietSink{s.inner.WithName(name)}
}

func (s quietSink) WithCallDepth(depth int) klog.LogSink {
	if deeper, ok := s.inner.(callDepthSink); ok {
		return quietSink{deeper.WithCallDepth(depth)}
	}
	return s
}
