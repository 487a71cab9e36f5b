package preflight_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// make creates the objects in the site's namespace.
func (s site) make(text string) {
	s.t.Helper()
	dynamic, _ := kubetest.Dynamic(s.t)
	objects := kubetest.Objects(s.t, dynamic, s.namespace)
	for _, o := range s.objects(text) {
		if err := objects.Create(s.t.Context(), o, metav1.CreateOptions{}); err != nil {
			s.t.Fatal(err)
		}
	}
}

// until calls get until it returns what is wanted, which the server may take a
// moment to see.
func (s site) until(want []string, get func() []string) {
	s.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		diff := cmp.Diff(want, get())
		if diff == "" {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("(-want +got):\n%s", diff)
		}
	}
}

// plainPod is a Deployment whose pod has more in its spec and in its container.
func plainPod(spec, container string) string {
	return `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  template:
    metadata: {labels: {app: web}}
    spec: {` + spec + ` containers: [{name: main, image: "HOST/public/app:1"` + container + `}]}
`
}

// TestPodsThatAdmissionRefuses are taken by the server in a Deployment, and not
// from its controller.
func TestPodsThatAdmissionRefuses(t *testing.T) {
	t.Parallel()
	const change, described = "  change ", " to fit the limits: kubectl describe limitranges -n NS"
	for name, c := range map[string]struct {
		there           string // in the namespace
		spec, container string
		want            []string
	}{
		"nothing": {},
		"a LimitRange": {
			`{apiVersion: v1, kind: LimitRange, metadata: {name: l}, spec: {limits: [{type: Container, max: {cpu: 1}}]}}`,
			"", ", resources: {limits: {cpu: 2}}",
			[]string{`error: deployment.apps/web: pods would be rejected by LimitRange "l": maximum cpu usage per Container is 1, but limit is 2`, change + "cpu" + described},
		},
		"a LimitRange with a ratio": {
			`{apiVersion: v1, kind: LimitRange, metadata: {name: l}, spec: {limits: [{type: Container, maxLimitRequestRatio: {cpu: 2}}]}}`,
			"", ", resources: {limits: {cpu: 3}, requests: {cpu: 1}}",
			[]string{`error: deployment.apps/web: pods would be rejected by LimitRange "l": cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000`, change + "cpu" + described},
		},
		"a LimitRange that gives defaults": {
			`{apiVersion: v1, kind: LimitRange, metadata: {name: l}, spec: {limits: [{type: Container, max: {cpu: 1}, default: {cpu: 1}}]}}`,
			"", "", nil,
		},
		"a quota that wants limits": {
			`{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {limits.cpu: 8}}}`,
			"", "",
			[]string{
				"error: deployment.apps/web: pods would be rejected: failed quota: q: must specify limits.cpu for: main",
				"  set cpu, or add a LimitRange with defaults to the namespace",
			},
		},
		"a LimitRange for pods": {
			`{apiVersion: v1, kind: LimitRange, metadata: {name: l}, spec: {limits: [{type: Pod, max: {memory: 64Gi}}]}}`,
			"", ", resources: {limits: {memory: 96Gi}}",
			[]string{`error: deployment.apps/web: pods would be rejected by LimitRange "l": maximum memory usage per Pod is 64Gi, but limit is 96Gi`, change + "memory" + described},
		},
		"a minimum": {
			`{apiVersion: v1, kind: LimitRange, metadata: {name: l}, spec: {limits: [{type: Container, min: {memory: 1.5Gi}}]}}`,
			"", ", resources: {limits: {memory: 1Gi}}",
			[]string{`error: deployment.apps/web: pods would be rejected by LimitRange "l": minimum memory usage per Container is 1536Mi, but request is 1Gi`, change + "memory" + described},
		},
		"a quota that wants all limits": {
			`{apiVersion: v1, kind: ResourceQuota, metadata: {name: q}, spec: {hard: {limits.cpu: 8, requests.cpu: 8, limits.memory: 8Gi}}}`,
			"initContainers: [{name: copy, image: x}],", ", resources: {limits: {memory: 1Gi}}",
			[]string{
				"error: deployment.apps/web: pods would be rejected: failed quota: q: must specify limits.cpu for: copy,main; limits.memory for: copy; requests.cpu for: copy,main",
				"  set cpu, or add a LimitRange with defaults to the namespace",
			},
		},
		"a ServiceAccount": {
			"", "serviceAccountName: robot,", "",
			[]string{
				`error: deployment.apps/web: pods would be rejected: error looking up service account NS/robot: serviceaccount "robot" not found`,
				"  create the ServiceAccount: kubectl create serviceaccount robot -n NS",
			},
		},
		"a PriorityClass": {
			"", "priorityClassName: urgent,", "",
			[]string{"error: deployment.apps/web: pods would be rejected: no PriorityClass with name urgent was found", "  choose an existing PriorityClass: kubectl get priorityclasses"},
		},
		"a RuntimeClass": {
			"", "runtimeClassName: nvidia,", "",
			[]string{`error: deployment.apps/web: pods would be rejected: RuntimeClass "nvidia" not found`, "  choose an existing RuntimeClass: kubectl get runtimeclasses"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t)
			if c.there != "" {
				s.make(c.there)
			}
			s.until(c.want, func() []string {
				return s.run(s.client, plainPod(c.spec, c.container), "unschedulable", "image-not-checked")
			})
		})
	}
}

// TestClaimsThatALimitRangeRefuses are refused only when they are created.
func TestClaimsThatALimitRangeRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.make(`{apiVersion: v1, kind: LimitRange, metadata: {name: l}, spec: {limits: [{type: PersistentVolumeClaim, max: {storage: 4Gi}, min: {storage: 2Gi}}]}}`)
	ephemeral := plainPod("volumes: [{name: scratch, ephemeral: {volumeClaimTemplate: {spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}}}}],", "")
	want := []string{
		`error: persistentvolumeclaim/data: size rejected by LimitRange "l": maximum storage usage per PersistentVolumeClaim is 4Gi, but request is 5Gi`,
		"  change PersistentVolumeClaim to fit the limits: kubectl describe limitrange l -n NS",
		`error: deployment.apps/web: volume scratch: size rejected by LimitRange "l": minimum storage usage per PersistentVolumeClaim is 2Gi, but request is 1Gi`,
		"  change its size to fit the limits: kubectl describe limitrange l -n NS",
	}
	if diff := cmp.Diff(want, s.run(s.client, claimObject("data", "")+"---"+ephemeral)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestQuotasThatCannotBeRead are known by what they refuse.
func TestQuotasThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.quota("{hard: {pods: 0}}")
	maker := s.user("maker-"+s.namespace, []rbacv1.PolicyRule{{APIGroups: []string{""}, Resources: []string{"pods"}, Verbs: []string{"create"}}}, nil)
	var got []string
	for _, f := range s.findings(maker, plainPod("", "")) {
		if f.Rule == "quota-exceeded" {
			got = append(got, s.plain(f.String()))
		}
	}
	want := []string{"warning: deployment.apps/web: pods would be rejected: exceeded quota: q, requested: pods=1, used: pods=0, limited: pods=0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestPodSecurity is that of a namespace's label.
func TestPodSecurity(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.enforce("restricted")
	for _, c := range []struct{ spec, container, words, fix string }{
		{"", "", "allowPrivilegeEscalation != false", "  add --set cluster.podSecurity=restricted, which runs the image as an unprivileged user"},
		{"volumes: [{name: v, hostPath: {path: /x}}],", "", `volume "v" uses restricted volume type "hostPath"`, "  use a volume instead of a directory of the node, or another namespace"},
		{"volumes: [{name: v, nfs: {server: s, path: /x}}],", "", `volume "v" uses restricted volume type "nfs"`, "  use a PersistentVolumeClaim instead, or another namespace"},
	} {
		got := s.run(s.client, plainPod(c.spec, c.container))
		if len(got) != 2 || !strings.HasPrefix(got[0], `error: deployment.apps/web: pods would be rejected: violates PodSecurity "restricted:latest": `) ||
			!strings.Contains(got[0], c.words) || got[1] != c.fix {
			t.Errorf("got %q", got)
		}
	}
	good := plainPod("securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}},",
		", securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}")
	if got := s.run(s.client, good); got != nil {
		t.Errorf("got %q", got)
	}
}

// enforce gives the namespace a Pod Security level, and waits until it counts.
func (s site) enforce(level string) {
	s.t.Helper()
	patch := []byte(`{"metadata": {"labels": {"pod-security.kubernetes.io/enforce": "` + level + `"}}}`)
	if _, err := s.client.CoreV1().Namespaces().Patch(s.t.Context(), s.namespace, types.MergePatchType, patch, metav1.PatchOptions{}); err != nil {
		s.t.Fatal(err)
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{GenerateName: "p"},
		Spec:       corev1.PodSpec{HostNetwork: true, Containers: []corev1.Container{{Name: "main", Image: "a"}}},
	}
	for s.t.Context().Err() == nil {
		if _, err := s.client.CoreV1().Pods(s.namespace).Create(s.t.Context(), pod, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}}); err != nil {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestAPolicyOfTheCluster may not mean controllers, so it is no error.
func TestAPolicyOfTheCluster(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	policies := s.client.AdmissionregistrationV1()
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		_ = policies.ValidatingAdmissionPolicies().Delete(ctx, s.namespace, metav1.DeleteOptions{})
		_ = policies.ValidatingAdmissionPolicyBindings().Delete(ctx, s.namespace, metav1.DeleteOptions{})
	})
	s.make(`
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata: {name: ` + s.namespace + `}
spec:
  matchConstraints: {resourceRules: [{apiGroups: [""], apiVersions: [v1], operations: [CREATE], resources: [pods]}]}
  validations: [{expression: "object.metadata.ownerReferences.exists(o, o.kind == 'Job')", message: only jobs here}]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata: {name: ` + s.namespace + `}
spec:
  policyName: ` + s.namespace + `
  validationActions: [Deny]
  matchResources: {namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: ` + s.namespace + `}}}
`)
	s.until([]string{
		"warning: deployment.apps/web: pods would be rejected: ValidatingAdmissionPolicy 'NS' with binding 'NS' denied request: only jobs here",
		"  comply with the policy, or ask an administrator to change it",
	}, func() []string { return s.run(s.client, plainPod("", "")) })
	if got := s.run(s.client, puller("HOST/public/app:1")); got != nil {
		t.Errorf("a pod of a Job: got %q", got)
	}
}

// TestPullSecretsOfTheServiceAccount are those of pods that name none.
func TestPullSecretsOfTheServiceAccount(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	s.pullSecret("right", password, s.host)
	s.make(`{apiVersion: v1, kind: ServiceAccount, metadata: {name: robot}, imagePullSecrets: [{name: right}]}
---
{apiVersion: v1, kind: ServiceAccount, metadata: {name: other}, imagePullSecrets: [{name: gone}]}`)
	private := replace(plainPod("serviceAccountName: robot,", ""), "public", "team")
	s.until(nil, func() []string { return s.run(s.client, private) })
	s.until([]string{
		`error: deployment.apps/web: imagePullSecrets of ServiceAccount other: Secret "gone" not found in namespace NS`,
		"  create it" + heredoc(replace(replace(replace(update, "THE-SECRET", "gone"), `"update"`, `"create"`), `"merge":true,`, "")),
	}, func() []string { return s.run(s.client, replace(private, "robot", "other")) })
}
