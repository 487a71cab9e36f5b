package redact_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"k8s.io/klog/v2"
	"k8s.io/klog/v2/ktesting"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/redact"
)

// TestWithoutBodyLogging logs at each verbosity with a logger that prints all of
// them. Levels with bodies are dropped, also by loggers made of the first one.
func TestWithoutBodyLogging(t *testing.T) {
	t.Parallel()
	for name, derive := range map[string]func(klog.Logger) klog.Logger{
		"plain":       func(l klog.Logger) klog.Logger { return l },
		"with values": func(l klog.Logger) klog.Logger { return l.WithValues("key", "value") },
		"with name":   func(l klog.Logger) klog.Logger { return l.WithName("client") },
		"call depth":  func(l klog.Logger) klog.Logger { return l.WithCallDepth(1) },
	} {
		logger := ktesting.NewLogger(ktesting.NopTL{}, ktesting.NewConfig(ktesting.BufferLogs(true), ktesting.Verbosity(10)))
		derived := derive(klog.FromContext(redact.WithoutBodyLogging(klog.NewContext(t.Context(), logger))))
		for level := range 11 {
			derived.V(level).Info("request", "level", level)
		}
		derived.Error(errors.New("refused"), "failed")
		var levels, failures int
		for _, entry := range logger.GetSink().(ktesting.Underlier).GetBuffer().Data() {
			switch {
			case entry.Err != nil && entry.Message == "failed":
				failures++
			case entry.Verbosity <= 7 && entry.Message == "request":
				levels++
			default:
				t.Errorf("%s: logged %+v", name, entry)
			}
			if name == "with name" && entry.Prefix != "client" || name == "with values" && len(entry.WithKVList) != 2 {
				t.Errorf("%s: not in %+v", name, entry)
			}
		}
		if levels != 8 || failures != 1 {
			t.Errorf("%s: logged %d levels and %d failures, want 8 and 1", name, levels, failures)
		}
	}
	silent := klog.NewContext(context.Background(), klog.Logger{})
	if redact.WithoutBodyLogging(silent) != silent {
		t.Error("a logger without a sink got one")
	}
}

// TestEscapes withholds texts in which a value is escaped character by character,
// as programs in several languages do.
func TestEscapes(t *testing.T) {
	t.Parallel()
	const value = "tök\"en🔑123"
	for name, escaped := range map[string]string{
		"JSON":         `t\u00f6k\"en\ud83d\udd11123`,
		"JSON, all":    `\u0074\u00f6\u006b\u0022\u0065\u006e\ud83d\udd11\u0031\u0032\u0033`,
		"JavaScript":   `t\u{f6}k\u{22}en\u{1f511}123`,
		"Python":       `t\xf6k\"en\U0001f511123`,
		"shell, octal": `t\303\266k\042en\360\237\224\221123`,
		"URL":          `t%C3%B6k%22en%F0%9F%94%91123`,
		"HTML":         `t&ouml;k&quot;en&#x1F511;123`,
	} {
		got := redact.New([]byte(value)).Text("refused: " + escaped + " is not allowed")
		if strings.Contains(got, escaped) || !strings.Contains(got, redact.Mask) && got != redact.Withheld {
			t.Errorf("%s: got %q", name, got)
		}
	}
	plain := `a lone half \ud83d of a pair, and C:\new\table`
	if got := redact.New([]byte(value)).Text(plain); got != plain {
		t.Errorf("got %q", got)
	}
}
