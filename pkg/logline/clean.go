// Package logline reads lines of container logs: it splits a log into lines, and removes
// what loggers write around a message (time, level, process, colors, a JSON object). It
// also finds the literals of a pattern, which select lines faster than the pattern. It
// knows no programs: the tables of pkg/signature and pkg/startup do.
package logline

import (
	"encoding/json"
	"regexp"
	"strings"
)

// color matches an escape sequence of terminals.
var color = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")

// WithoutColors removes the escape sequences of a line.
func WithoutColors(line string) string {
	if !strings.Contains(line, "\x1b") {
		return line
	}
	return color.ReplaceAllString(line, "")
}

// messageKeys are the keys of JSON logs for the message and its traceback, in the order
// of time. TGI has them in "fields".
var messageKeys = []string{"message", "msg", "log", "error", "exc_info", "exception", "stack_trace"}

// Messages returns the lines of a log line: those of the message if it is a JSON object,
// and the states of a progress bar.
func Messages(line string) []string {
	text := line
	if strings.HasPrefix(strings.TrimSpace(line), "{") {
		var entry map[string]any
		if json.Unmarshal([]byte(line), &entry) == nil {
			text = strings.Join(messagesOf(entry), "\n")
		}
	}
	return strings.FieldsFunc(WithoutColors(text), func(r rune) bool { return r == '\n' || r == '\r' })
}

func messagesOf(entry map[string]any) []string {
	var all []string
	if fields, ok := entry["fields"].(map[string]any); ok {
		all = messagesOf(fields)
	}
	for _, key := range messageKeys {
		if text, ok := entry[key].(string); ok {
			all = append(all, text)
		}
	}
	return all
}

// prefix matches what loggers write in front of a message.
var prefix = regexp.MustCompile(`^\s*(?:` + strings.Join([]string{
	`\([A-Za-z_][\w.-]*(?:[ ,]+\w+=[^\s,)]+)+\)`,                                     // (EngineCore pid=84), (RayWorkerWrapper pid=7, ip=10.0.0.2)
	`(?:TRACE|DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)\b:?`,                     // level
	`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?`,             // time
	`\d\d-\d\d \d\d:\d\d:\d\d`,                                                       // time of vLLM
	`\[(?:rank\d+|[\w./-]+\.\w+:\d+|[EWIF]\d{3,4} [^\]]*|\d{4}-\d\d-\d\d[^\]]*)\]:?`, // rank, file and line, time
	`[EWIF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ [\w.-]+:\d+\]`,                             // klog, as Triton writes it
	`[\w.-]+:\d+:\d+ \[\d+\]`,                                                        // host, process, thread and GPU of NCCL
	`[-|]\s`,
}, "|") + `)\s*`)

// WithoutPrefixes removes time, level, logger, process and rank from a line.
func WithoutPrefixes(line string) string {
	for {
		end := prefix.FindStringIndex(line)
		if end == nil {
			return strings.TrimSpace(line)
		}
		line = line[end[1]:]
	}
}
