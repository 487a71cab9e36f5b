package deploy

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/logline"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/podspec"
)

// secretsAge is for how long values of Secrets are used to redact a log. The kubelet
// updates mounted Secrets about once per minute.
const secretsAge = 10 * time.Second

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
	lines := logline.NewScanner(stream, resume)
	for lines.Scan() {
		if !lines.Written().IsZero() {
			s.last = lines.Written()
		}
		if time.Since(at) > secretsAge {
			redactor, at = s.values.fresh(ctx, secretsAge, names...), time.Now()
		}
		s.lines++
		if err := s.logs.print(LogLine{s.pod.Name, s.container, redactor.Text(lines.Text())}); err != nil {
			return err
		}
	}
	return lines.Err()
}
