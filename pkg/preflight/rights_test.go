package preflight_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// getter is a user who may get Secrets of these names, and nothing else.
func (s site) getter(names ...string) kubernetes.Interface {
	s.t.Helper()
	rbac := s.client.RbacV1()
	if len(names) > 0 {
		_, err := rbac.Roles(s.namespace).Create(s.t.Context(), &rbacv1.Role{
			ObjectMeta: metav1.ObjectMeta{Name: "getter"},
			Rules:      []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: names, Verbs: []string{"get"}}},
		}, metav1.CreateOptions{})
		if err != nil {
			s.t.Fatal(err)
		}
		_, err = rbac.RoleBindings(s.namespace).Create(s.t.Context(), &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: "getter"},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "getter"},
			Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: "getter"}},
		}, metav1.CreateOptions{})
		if err != nil {
			s.t.Fatal(err)
		}
	}
	config := kubetest.Config(s.t)
	config.Impersonate.UserName = "getter"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		s.t.Fatal(err)
	}
	return client
}

// TestNamedSecretsSuffice needs the right to get the Secrets that are named,
// and none to list any.
func TestNamedSecretsSuffice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.secret("hf-secret", "HF_TOKEN")
	s.secret("tls-files", "tls.crt")
	s.pullSecret("pull", password, s.host)
	client := s.getter("hf-secret", "tls-files", "pull", "all")
	want := []string{
		"error: deployment/web: container main: envFrom and 1 more: Secret all does not exist in namespace NS",
		`  create it with this operation of a payload: {"name":"all","action":"create","type":"opaque","data":{"KEY":{"valueFrom":{"env":"KEY"}}}}`,
	}
	if diff := cmp.Diff(want, s.readable(client, service)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// readable is run once the server has seen the user's rights.
func (s site) readable(client kubernetes.Interface, text string) []string {
	s.t.Helper()
	for {
		got := s.run(client, text, "rights", "unread")
		if len(got) == 0 || !strings.Contains(strings.Join(got, ""), "can't be read") {
			return got
		}
		select {
		case <-s.t.Context().Done():
			s.t.Fatal("the rights are never seen")
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// TestWithoutTheRightToRead is a warning, whatever there is.
func TestWithoutTheRightToRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.secret("hf-secret", "HF_TOKEN")
	s.pullSecret("pull", "wr0ng-"+canary, s.host)
	want := []string{
		"warning: Secrets can't be read here, so it is not known whether there is what is needed of all, hf-secret, pull, tls-files",
		"  have somebody grant you 'get' on these Secrets, or ask who has it",
	}
	if diff := cmp.Diff(want, s.run(s.getter(), service, "rights", "unread")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
