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
		`error: deployment.apps/web: container main: envFrom and 1 more: Secret "all" not found in namespace NS`,
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
		`warning: cannot check Secrets "all", "hf-secret", "pull", "tls-files": no permission to get them`,
		"  ask an administrator for permission to get these Secrets",
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
		"error: missing permission: get, create deployments.apps, persistentvolumeclaims, ingresses.networking.k8s.io in namespace NS (needed to deploy)",
		"  ask an administrator to run: kubectl create rolebinding NAME -n NS --clusterrole=edit --user=YOU",
		"error: missing permission: get, create storageclasses.storage.k8s.io at cluster scope (needed to deploy)",
		"  ask an administrator for a binding to this role: kubectl create clusterrole NAME --verb=get,create --resource=storageclasses.storage.k8s.io",
		"error: missing permission: get, list, create, update secrets in namespace NS (needed to deploy)",
		"warning: missing permission: patch, delete deployments.apps, persistentvolumeclaims, ingresses.networking.k8s.io in namespace NS (needed to upgrade or remove the release later)",
		"warning: missing permission: list, watch deployments.apps, pods in namespace NS (needed to watch the rollout)",
		"warning: missing permission: patch, delete storageclasses.storage.k8s.io at cluster scope (needed to upgrade or remove the release later)",
		"  ask an administrator for a binding to this role: kubectl create clusterrole NAME --verb=patch,delete --resource=storageclasses.storage.k8s.io",
		"warning: missing permission: delete secrets in namespace NS (needed to upgrade or remove the release later)",
		"note: missing permission: get pods/log in namespace NS (needed to show the logs of failed containers)",
		"note: not checked (insufficient permissions): configmaps (ConfigMaps of the pods), creation of pods (admission by Pod Security, LimitRanges and policies), ingressclasses (controllers of Ingresses), ingresses of all namespaces (conflicting hosts and paths), " +
			"limitranges (limits of pods and claims), nodes (scheduling), persistentvolumeclaims (claims of the pods), " +
			"resourcequotas (quotas), storageclasses (binding of claims)",
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
		`error: deployment.apps/web: volume b: ConfigMap "gone" not found in namespace NS`,
		"  create it: kubectl create configmap gone -n NS --from-file=FILE",
		`error: deployment.apps/web: volume a: PersistentVolumeClaim "gone" not found in namespace NS`,
		"  create it, or use an existing claim: kubectl get pvc -n NS",
		"note: not checked (insufficient permissions): ingressclasses (controllers of Ingresses), ingresses of all namespaces (conflicting hosts and paths), " +
			"nodes (scheduling), storageclasses (binding of claims)",
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
			"warning: missing permission: patch, delete deployments.apps in namespace NS (needed to upgrade or remove the release later)",
			"  ask an administrator to run: kubectl create rolebinding NAME -n NS --clusterrole=edit --user=YOU",
		}},
		{object, []string{
			"error: missing permission: patch deployments.apps in namespace NS (needed to deploy)",
			"  ask an administrator to run: kubectl create rolebinding NAME -n NS --clusterrole=edit --user=YOU",
			"warning: missing permission: delete deployments.apps in namespace NS (needed to upgrade or remove the release later)",
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
