package secrets

import (
	"errors"
	"fmt"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	corev1client "k8s.io/client-go/kubernetes/typed/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

func TestCauseOf(t *testing.T) {
	t.Parallel()
	secrets, namespaces := corev1.Resource("secrets"), corev1.Resource("namespaces")
	forbidden := apierrors.NewForbidden(secrets, "a", errors.New("no right"))
	for name, tt := range map[string]struct {
		err  error
		want Cause
	}{
		"missing secret":              {apierrors.NewNotFound(secrets, "a"), CauseNoSecret},
		"missing secret to recreate":  {recreateError{error: apierrors.NewNotFound(secrets, "a")}, CauseNoSecret},
		"missing namespace":           {fmt.Errorf("creating: %w", apierrors.NewNotFound(namespaces, "n")), CauseNoNamespace},
		"missing API":                 {apierrors.NewGenericServerResponse(404, "get", secrets, "a", "", 0, true), CauseNoSecret},
		"unreadable":                  {unsentError{forbidden}, CauseUnreadable},
		"unreadable to recreate":      {recreateError{error: unsentError{forbidden}}, CauseUnreadable},
		"unreadable type":             {typeError{forbidden: true}, CauseUnreadable},
		"no right to write":           {forbidden, CauseNone},
		"other type":                  {typeError{live: corev1.SecretTypeTLS}, CauseNone},
		"not read for another reason": {unsentError{errors.New("connection reset")}, CauseNone},
		"refused":                     {errDeleting, CauseNone},
	} {
		if got := causeOf(tt.err); got != tt.want {
			t.Errorf("%s: got %d, want %d", name, got, tt.want)
		}
	}
}

// TestCauses has the server answer, as a check and for good.
func TestCauses(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(opaque(ActionCreate, "a", "k", "v")), success)
	c.allow("blind", "create", "patch", "delete")
	blind := c.as(impersonate("blind"))
	nowhere := cluster{t, kubetest.Client(t).CoreV1(), c.namespace + "-missing"}
	for name, tt := range map[string]struct {
		c       cluster
		payload string
		reason  Reason
		cause   Cause
	}{
		"update of nothing":   {c, opaque(ActionUpdate, "none", "k", "v"), ReasonNotFound, CauseNoSecret},
		"delete of nothing":   {c, remove("none"), ReasonNotFound, CauseNoSecret},
		"existing":            {c, opaque(ActionCreate, "a", "k", "v"), ReasonAlreadyExists, CauseNone},
		"other type":          {c, pullSecret(ActionUpdate, "a", "nvcr.io", "u", "p"), ReasonTypeMismatch, CauseNone},
		"other type, unread":  {blind, pullSecret(ActionUpdate, "a", "nvcr.io", "u", "p"), ReasonTypeMismatch, CauseUnreadable},
		"merge, unread":       {blind, merging(pullSecret(ActionUpdate, "a", "nvcr.io", "u", "p")), "Forbidden", CauseUnreadable},
		"create in nowhere":   {nowhere, opaque(ActionCreate, "a", "k", "v"), ReasonNotFound, CauseNoNamespace},
		"update in nowhere":   {nowhere, opaque(ActionUpdate, "a", "k", "v"), ReasonNotFound, CauseNoNamespace},
		"apply in nowhere":    {nowhere, opaque(ActionApply, "a", "k", "v"), ReasonNotFound, CauseNoNamespace},
		"delete from nowhere": {nowhere, remove("a"), ReasonNotFound, CauseNoNamespace},
	} {
		for _, results := range [][]Result{tt.c.check(tt.payload), tt.c.apply(tt.payload)} {
			if r := results[0]; r.Reason != tt.reason || r.Cause != tt.cause {
				t.Errorf("%s: got %+v, want cause %d", name, r, tt.cause)
			}
		}
	}
	offline := NewBatch(corev1client.New(nil), "n", parse(t, list(remove("a"), remove("a")))).DryRun()
	if r := offline[1]; r.Reason != ReasonNotFound || r.Cause != CauseNoSecret {
		t.Errorf("without a cluster: got %+v", r)
	}
}
