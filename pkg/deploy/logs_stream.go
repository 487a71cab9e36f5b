package deploy

import (
	"bufio"
	"bytes"
	"context"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
)

const (
	// maxLogLine is the length from which on a line of a log is cut, in bytes.
	maxLogLine = 64 << 10
	// cutLine marks a line that was cut.
	cutLine = "… (truncated)"
	// secretsAge is for how long values of Secrets are used to redact a log. The kubelet
	// updates mounted Secrets about once per minute.
	secretsAge = 10 * time.Second
)

// logStream reads the log of one container. Reading again continues after the last line,
// even if the container was restarted in between.
type logStream struct {
	logs      *Logs
	values    *releaseValues
	pod       *corev1.Pod
	container string
	tail      int64 // of the first read
	last      time.Time
	lines     int // read so far
}

// read prints the log until it ends.
func (s *logStream) read(ctx context.Context) error {
	o := &corev1.PodLogOptions{Container: s.container, Follow: s.logs.Follow, Previous: s.logs.Previous, Timestamps: true}
	resume := s.last
	switch {
	case !resume.IsZero():
		o.SinceTime = &metav1.Time{Time: resume}
	case s.tail >= 0:
		o.TailLines = &s.tail
	}
	if seconds := int64(s.logs.Since.Seconds()); seconds > 0 && resume.IsZero() {
		o.SinceSeconds = &seconds
	}
	stream, err := s.logs.Cluster.Core.Pods(s.pod.Namespace).GetLogs(s.pod.Name, o).Stream(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = stream.Close() }()
	age := secretsAge
	if s.logs.Follow { // the pod may be newer than what was read
		age = 0
	}
	names := podspec.SecretNames(&s.pod.Spec)
	redactor, at := s.values.fresh(ctx, age, names...), time.Now()
	lines := bufio.NewScanner(stream)
	lines.Buffer(nil, maxLogLine+1)
	lines.Split((&lineSplitter{}).split)
	start, skip := true, false
	for lines.Scan() {
		text, end := strings.TrimRight(lines.Text(), "\r\n"), lines.Text()
		if start { // the kubelet writes the time before each line
			var written time.Time
			if written, text = cutTime(text); !written.IsZero() {
				skip = !resume.IsZero() && !written.After(resume)
				s.last = written
			}
		} else if text == "" { // the end of \r\n
			start = strings.HasSuffix(end, "\n")
			continue
		}
		start = strings.HasSuffix(end, "\n")
		if skip {
			continue
		}
		if time.Since(at) > secretsAge {
			redactor, at = s.values.fresh(ctx, secretsAge, names...), time.Now()
		}
		s.lines++
		if err := s.logs.print(LogLine{s.pod.Name, s.container, redactor.Text(text)}); err != nil {
			return err
		}
	}
	return lines.Err()
}

// cutTime splits a line into its time and its text.
func cutTime(line string) (time.Time, string) {
	stamp, text, _ := strings.Cut(line, " ")
	written, err := time.Parse(time.RFC3339Nano, stamp)
	if err != nil {
		return time.Time{}, line
	}
	return written, text
}

// lineSplitter splits a log into lines that end with \n, or with \r as those of progress
// bars do. Of a line that is too long, it drops the rest.
type lineSplitter struct{ dropping bool }

func (l *lineSplitter) split(data []byte, atEOF bool) (int, []byte, error) {
	end := bytes.IndexAny(data, "\r\n")
	if l.dropping {
		if end < 0 {
			return len(data), nil, nil
		}
		l.dropping = false
		return end + 1, append([]byte(cutLine), data[end]), nil
	}
	switch {
	case end >= 0:
		return end + 1, data[:end+1], nil
	case len(data) > maxLogLine:
		l.dropping = true
		return len(data), data, nil
	case atEOF && len(data) > 0:
		return len(data), data, nil
	}
	return 0, nil, nil
}
