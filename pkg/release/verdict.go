package release

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	typedv1 "k8s.io/client-go/kubernetes/typed/core/v1"
)

// brokenNote is what the description of a revision ends with that did not work
// when it was watched; a colon and the reason may follow. The status stays
// deployed, for all objects are what the revision says.
const brokenNote = ", but it did not work"

// word is what a reason of Kubernetes looks like: no message, in which anything
// might be.
var word = regexp.MustCompile(`^[A-Z][A-Za-z]{1,60}$`)

// Broken reports whether the revision did not work when it was watched last.
func (r *Release) Broken() bool { return strings.Contains(r.About, brokenNote) }

// NoteBroken notes on the record of r, which was deployed, that it does not work,
// and why if reason is a word. What another run has made of the release
// meanwhile is left as it is. Nothing is noted in a database.
func (c *Client) NoteBroken(ctx context.Context, r *Release, reason string) error {
	note := brokenNote
	if reason = c.Hide(reason); word.MatchString(reason) {
		note += ": " + reason
	}
	return c.note(ctx, r, note)
}

// NoteWorking takes the note of NoteBroken off again.
func (c *Client) NoteWorking(ctx context.Context, r *Release) error { return c.note(ctx, r, "") }

func (c *Client) note(ctx context.Context, noted *Release, note string) error {
	r, err := c.newRun(ctx, noted.Name)
	if err != nil || r.records() == nil {
		return err
	}
	if err := r.patiently(func() error { return r.note(noted, note) }); err != nil {
		return fmt.Errorf("writing the record: %w", c.hide(ownWords(err)))
	}
	return nil
}

// note has the description of a revision end with note, if it is the newest one
// still and no run works on its record. Where that was written between reading
// and writing it is a conflict, after which patiently looks anew.
func (r *run) note(noted *Release, note string) error {
	if err := r.look(); err != nil {
		return err
	}
	last := r.last()
	if last == nil || last.Version != noted.Revision || !last.Info.LastDeployed.Time.Equal(noted.Updated) {
		return nil
	}
	store, err := r.asRead()
	if err != nil {
		return err
	}
	record, err := store.Get(recordKey(last))
	if missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	said, _, _ := strings.Cut(record.Info.Description, brokenNote)
	if record.Info.Status != release.StatusDeployed || record.Labels[runLabel] != "" || record.Info.Description == said+note {
		return nil
	}
	record.Info.Description = said + note
	if err := store.Update(recordKey(last), record); !apierrors.IsNotFound(err) {
		return err
	}
	return nil
}

// asRead is Helm's storage, but writes a record only if it still is as it was
// read.
func (c *Client) asRead() (driver.Driver, error) {
	config, err := c.getter.ToRESTConfig()
	if err != nil {
		return nil, err
	}
	core, err := typedv1.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	if c.kept == "configmaps" {
		return driver.NewConfigMaps(&configMapAsRead{ConfigMapInterface: core.ConfigMaps(c.namespace)}), nil
	}
	return driver.NewSecrets(&secretAsRead{SecretInterface: core.Secrets(c.namespace)}), nil
}

type secretAsRead struct {
	typedv1.SecretInterface
	version string
}

func (s *secretAsRead) Get(ctx context.Context, name string, options metav1.GetOptions) (*corev1.Secret, error) {
	found, err := s.SecretInterface.Get(ctx, name, options)
	if err == nil {
		s.version = found.ResourceVersion
	}
	return found, err
}

func (s *secretAsRead) Update(ctx context.Context, o *corev1.Secret, options metav1.UpdateOptions) (*corev1.Secret, error) {
	o.ResourceVersion = s.version
	return s.SecretInterface.Update(ctx, o, options)
}

type configMapAsRead struct {
	typedv1.ConfigMapInterface
	version string
}

func (s *configMapAsRead) Get(ctx context.Context, name string, options metav1.GetOptions) (*corev1.ConfigMap, error) {
	found, err := s.ConfigMapInterface.Get(ctx, name, options)
	if err == nil {
		s.version = found.ResourceVersion
	}
	return found, err
}

func (s *configMapAsRead) Update(ctx context.Context, o *corev1.ConfigMap, options metav1.UpdateOptions) (*corev1.ConfigMap, error) {
	o.ResourceVersion = s.version
	return s.ConfigMapInterface.Update(ctx, o, options)
}
