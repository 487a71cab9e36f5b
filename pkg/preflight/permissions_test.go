package preflight_test

import (
	"context"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// user is somebody who may do what the rules say in the site's namespace, and
// these verbs with resources of the whole cluster.
func (s site) user(name string, rules []rbacv1.PolicyRule, resources []string, verbs ...string) kubernetes.Interface {
	s.t.Helper()
	rbac, subjects := s.client.RbacV1(), []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: name}}
	check := func(err error) {
		s.t.Helper()
		if err != nil {
			s.t.Fatal(err)
		}
	}
	meta := metav1.ObjectMeta{Name: name}
	if len(rules) > 0 {
		_, err := rbac.Roles(s.namespace).Create(s.t.Context(), &rbacv1.Role{ObjectMeta: meta, Rules: rules}, metav1.CreateOptions{})
		check(err)
		_, err = rbac.RoleBindings(s.namespace).Create(s.t.Context(), &rbacv1.RoleBinding{
			ObjectMeta: meta, Subjects: subjects, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
		}, metav1.CreateOptions{})
		check(err)
	}
	if len(resources) > 0 {
		_, err := rbac.ClusterRoles().Create(s.t.Context(), &rbacv1.ClusterRole{
			ObjectMeta: meta, Rules: []rbacv1.PolicyRule{{APIGroups: []string{"*"}, Resources: resources, Verbs: verbs}},
		}, metav1.CreateOptions{})
		check(err)
		_, err = rbac.ClusterRoleBindings().Create(s.t.Context(), &rbacv1.ClusterRoleBinding{
			ObjectMeta: meta, Subjects: subjects, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: name},
		}, metav1.CreateOptions{})
		check(err)
		s.t.Cleanup(func() {
			ctx := context.WithoutCancel(s.t.Context())
			_ = rbac.ClusterRoles().Delete(ctx, name, metav1.DeleteOptions{})
			_ = rbac.ClusterRoleBindings().Delete(ctx, name, metav1.DeleteOptions{})
		})
	}
	config := kubetest.Config(s.t)
	config.Impersonate.UserName = name
	client, err := kubernetes.NewForConfig(config)
	check(err)
	dynamic, err := dynamic.NewForConfig(config)
	check(err)
	return limited{client, dynamic}
}

// limited is a client with another user's rights, of any kind of object, too.
type limited struct {
	kubernetes.Interface
	dynamic dynamic.Interface
}

// getter is a user who may get Secrets of these names, and nothing else.
func (s site) getter(names ...string) kubernetes.Interface {
	s.t.Helper()
	var rules []rbacv1.PolicyRule
	if len(names) > 0 {
		rules = []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: names, Verbs: []string{"get"}}}
	}
	return s.user("getter", rules, nil)
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
		"error: deployment.apps/web: container main: envFrom and 1 more: Secret all does not exist in namespace NS",
		"  create it" + heredoc(`{"name":"all","action":"create","type":"opaque","data":{"KEY":{"valueFrom":{"env":"KEY"}}}}`),
	}
	if diff := cmp.Diff(want, s.readable(client, service)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// readable is run once the server has seen the user's rights.
func (s site) readable(client kubernetes.Interface, text string) []string {
	s.t.Helper()
	var got []string
	s.until([]string{"read"}, func() []string {
		if got = s.run(client, text, "permission-missing", "not-checked"); strings.Contains(strings.Join(got, ""), "can't be read") {
			return nil
		}
		return []string{"read"}
	})
	return got
}

// TestWithoutPermissionToRead is a warning, whatever there is.
func TestWithoutPermissionToRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.secret("hf-secret", "HF_TOKEN")
	s.pullSecret("pull", "wr0ng-"+canary, s.host)
	want := []string{
		"warning: Secrets can't be read here, so it is not known whether there is what is needed of all, hf-secret, pull, tls-files",
		"  have somebody grant you 'get' on these Secrets, or ask who has it",
	}
	if diff := cmp.Diff(want, s.run(s.getter(), service, "permission-missing", "not-checked")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// everything has an object of each kind that a check looks at.
const everything = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    spec:
      nodeSelector: {gone: gone}
      volumes: [{name: a, persistentVolumeClaim: {claimName: gone}}, {name: b, configMap: {name: gone}}]
      containers: [{name: main, image: "HOST/public/app:1"}]
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 5Gi}}}
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: web}
spec: {rules: [{host: a.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: s, port: {number: 80}}}}]}}]}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: {name: of-the-cluster}
provisioner: example.com/x
`

// TestAllMissingPermissions has a user with none: nothing but the lack of
// them is an error, and the rest is one note.
func TestAllMissingPermissions(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	want := []string{
		"error: you may not get, create deployments.apps, persistentvolumeclaims, ingresses.networking.k8s.io in namespace NS: the deploy fails",
		"  have it granted to you: kubectl create rolebinding NAME -n NS --clusterrole=edit --user=YOU",
		"error: you may not get, create storageclasses.storage.k8s.io in the cluster: the deploy fails",
		"  have it granted to you by a binding of this role: kubectl create clusterrole NAME --verb=get,create --resource=storageclasses.storage.k8s.io",
		"error: you may not get, list, create, update secrets in namespace NS: the deploy fails",
		"warning: you may not patch, delete deployments.apps, persistentvolumeclaims, ingresses.networking.k8s.io in namespace NS: it can't be upgraded or removed later",
		"warning: you may not list, watch deployments.apps, pods in namespace NS: it can't be told what becomes of it",
		"warning: you may not patch, delete storageclasses.storage.k8s.io in the cluster: it can't be upgraded or removed later",
		"  have it granted to you by a binding of this role: kubectl create clusterrole NAME --verb=patch,delete --resource=storageclasses.storage.k8s.io",
		"warning: you may not delete secrets in namespace NS: it can't be upgraded or removed later",
		"note: you may not get pods/log in namespace NS: no log can be shown of a container that fails",
		"note: not looked at, for want of rights: configmaps (whether those exist that pods need), ingressclasses (whether a controller serves an Ingress), ingresses of all namespaces (whether one has the same host and path), " +
			"limitranges (which of them refuses a pod or a claim), nodes (whether one can hold the pods), persistentvolumeclaims (whether those exist that pods use), " +
			"pods by a dry run of their creation (whether Pod Security, LimitRanges and policies admit them), " +
			"resourcequotas (whether they leave enough), storageclasses (whether claims can be bound)",
	}
	if diff := cmp.Diff(want, s.run(s.user("nobody-"+s.namespace, nil, nil), everything)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPermissionsOfADeployer are those of the role edit, and of nothing in the
// cluster: all is known but what the cluster has.
func TestPermissionsOfADeployer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	edit, err := s.client.RbacV1().ClusterRoles().Get(t.Context(), "edit", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	client := s.user("deployer-"+s.namespace, edit.Rules, nil)
	objects, _, _ := strings.Cut(everything, "---\napiVersion: storage")
	s.until([]string{
		"error: deployment.apps/web: volume b: ConfigMap gone does not exist in namespace NS",
		"  kubectl create configmap gone -n NS --from-file=FILE",
		"error: deployment.apps/web: volume a: PersistentVolumeClaim gone does not exist in namespace NS",
		"  create it, or name one of: kubectl get pvc -n NS",
		"note: not looked at, for want of rights: ingressclasses (whether a controller serves an Ingress), ingresses of all namespaces (whether one has the same host and path), " +
			"nodes (whether one can hold the pods), storageclasses (whether claims can be bound)",
	}, func() []string { return s.run(client, objects) })
}

// TestPermissionsOfAnUpgrade are to change what is there, not to create it.
func TestPermissionsOfAnUpgrade(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	object := plainPod("", "")
	client := s.user("creator-"+s.namespace, []rbacv1.PolicyRule{
		{APIGroups: []string{"apps"}, Resources: []string{"deployments"}, Verbs: []string{"create", "get", "list", "watch"}},
		{APIGroups: []string{""}, Resources: []string{"*"}, Verbs: []string{"*"}},
	}, nil)
	for _, c := range []struct {
		previous string
		want     []string
	}{
		{"", []string{
			"warning: you may not patch, delete deployments.apps in namespace NS: it can't be upgraded or removed later",
			"  have it granted to you: kubectl create rolebinding NAME -n NS --clusterrole=edit --user=YOU",
		}},
		{object, []string{
			"error: you may not patch deployments.apps in namespace NS: the deploy fails",
			"  have it granted to you: kubectl create rolebinding NAME -n NS --clusterrole=edit --user=YOU",
			"warning: you may not delete deployments.apps in namespace NS: it can't be upgraded or removed later",
		}},
	} {
		release := dryrun.Release{Name: "r", Namespace: s.namespace, Objects: s.objects(object)}
		if c.previous != "" {
			release.Previous = s.objects(c.previous)
		}
		s.until(c.want, func() []string {
			findings, err := s.check(client).Run(t.Context(), []dryrun.Release{release})
			if err != nil {
				t.Fatal(err)
			}
			return s.lines(findings, "not-checked")
		})
	}
}
