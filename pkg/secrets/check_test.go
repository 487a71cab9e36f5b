package secrets

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

func slicesOf(n int, op func(name string) string) []string {
	ops := make([]string, n)
	for i := range ops {
		ops[i] = op("s" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strings.Repeat("y", i/26))
	}
	return ops
}

func TestCheckCanceled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	c := newCluster(t).through(func(next http.RoundTripper, req *http.Request) (*http.Response, error) {
		cancel()
		return next.RoundTrip(req)
	})
	if _, err := c.batch(list(opaque(ActionCreate, "a", "k", "v"))).Check(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Check gives %v, want %v", err, context.Canceled)
	}
}

// TestCheckFindsMissingRightsOfLaterOperations is about a batch that would
// delete a Secret and then not be allowed to create it again.
func TestCheckFindsMissingRightsOfLaterOperations(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(opaque(ActionCreate, "a", "k", "v")), success)
	c.allow("deleter", "delete")
	payload := list(remove("a"), opaque(ActionCreate, "a", "k", "w"))
	wantOutcomes(t, c.check(payload), success, success)
	deleter := c.as(impersonate("deleter"))
	wantOutcomes(t, deleter.check(payload), success,
		outcome{StatusError, "Forbidden", `User "deleter" cannot create resource "secrets"`})
}

// TestCheckWithoutTheRightToRead has a user who may write but not read.
func TestCheckWithoutTheRightToRead(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(opaque(ActionCreate, "a", "k", "v", "l", "v")), success)
	c.allow("writer", "create", "patch", "delete")
	writer := c.as(impersonate("writer"))
	if r := writer.check(opaque(ActionUpdate, "a", "k", "v", "l", "v"))[0]; r.Changed != nil || r.Status != StatusSuccess {
		t.Errorf("result is %+v, want success, open whether it changed", r)
	}
	wantOutcomes(t, writer.checkAndApply(opaque(ActionUpdate, "a", "k", "v", "l", "v")), outcome{Status: StatusSuccess, Words: "is unchanged"})
	wantOutcomes(t, writer.checkAndApply(opaque(ActionUpdate, "a", "k", "w")), outcome{Status: StatusSuccess, Words: "updated successfully"})
	other := outcome{StatusError, "TypeMismatch", `has a type other than container_registry, which cannot be changed (missing permission: get secrets "a")`}
	for _, action := range []Action{ActionUpdate, ActionApply} {
		payload := pullSecret(action, "a", "nvcr.io", "u", "p")
		wantOutcomes(t, writer.check(payload), other)
		wantOutcomes(t, writer.apply(payload), other)
		wantOutcomes(t, applied(t, writer.recreating(payload)),
			outcome{StatusError, "Forbidden", `because reading it failed: secrets "a" is forbidden: User "writer" cannot get resource`})
		wantOutcomes(t, writer.apply(merging(payload)),
			outcome{StatusError, "Forbidden", `because reading it failed: secrets "a" is forbidden: User "writer" cannot get resource`})
	}
	wantSecret(t, c.get("a"), corev1.SecretTypeOpaque, map[string]string{"k": "w"})
}

func TestCheckQuota(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	hard := corev1.ResourceList{"count/secrets": resource.MustParse("0")}
	quotas := c.client.ResourceQuotas(c.namespace)
	quota, err := quotas.Create(context.Background(), &corev1.ResourceQuota{
		ObjectMeta: metav1.ObjectMeta{Name: "none"}, Spec: corev1.ResourceQuotaSpec{Hard: hard}}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	quota.Status = corev1.ResourceQuotaStatus{Hard: hard, Used: hard} // with or without a controller
	_, _ = quotas.UpdateStatus(context.Background(), quota, metav1.UpdateOptions{})
	wantEventually(t, func() bool {
		r := c.check(opaque(ActionCreate, "a", "k", "v"))[0]
		return r.Reason == "Forbidden" && strings.Contains(r.Message, "could not be created: ") && strings.Contains(r.Message, "exceeded quota: none")
	})
}

func impersonate(user string) func(*rest.Config) {
	return func(config *rest.Config) { config.Impersonate.UserName = user }
}

// allow gives a user rights to the Secrets of the namespace.
func (c cluster) allow(user string, verbs ...string) {
	c.t.Helper()
	rbac := kubetest.Client(c.t).RbacV1()
	role := &rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Name: user},
		Rules: []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"secrets"}, Verbs: verbs}}}
	binding := &rbacv1.RoleBinding{ObjectMeta: metav1.ObjectMeta{Name: user},
		RoleRef:  rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: user},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.UserKind, APIGroup: rbacv1.GroupName, Name: user}}}
	if _, err := rbac.Roles(c.namespace).Create(context.Background(), role, metav1.CreateOptions{}); err != nil {
		c.t.Fatal(err)
	}
	if _, err := rbac.RoleBindings(c.namespace).Create(context.Background(), binding, metav1.CreateOptions{}); err != nil {
		c.t.Fatal(err)
	}
	as := c.as(impersonate(user))
	probe := list(opaque(ActionCreate, "probe", "k", "v"), opaque(ActionUpdate, "probe", "k", "v"), remove("probe"))
	wantEventually(c.t, func() bool { // the authorizer learns of it by a watch
		refused := 0
		for _, r := range as.check(probe) {
			if r.Reason == "Forbidden" {
				refused++
			}
		}
		writes := slices.DeleteFunc(slices.Clone(verbs), func(verb string) bool { return verb == "get" })
		return refused == 3-len(writes)
	})
}
