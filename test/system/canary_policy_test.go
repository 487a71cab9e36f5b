package system_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/canary"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
	"github.com/kubectl-blueprint/kubectl-blueprint/test/plugin"
)

// How a policy quotes the value d, which it has in base64: all of it, or the
// beginning, as what shortens long values does.
const (
	wholeValue = "string(d)"
	cutValue   = "(size(string(d)) < 12 ? string(d) : string(d).substring(0, size(string(d)) - 7) + '…(truncated)')"
)

// quotingPolicy has the server refuse, or warn of, Secrets of a namespace for
// which the condition does not hold, in words that quote them.
func quotingPolicy(t *testing.T, namespace, condition, quote string, action admissionv1.ValidationAction) {
	t.Helper()
	client := kubetest.Client(t).AdmissionregistrationV1()
	name := namespace + strings.ToLower(string(action))
	policy := &admissionv1.ValidatingAdmissionPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec: admissionv1.ValidatingAdmissionPolicySpec{
			MatchConstraints: &admissionv1.MatchResources{
				NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": namespace}},
				ResourceRules: []admissionv1.NamedRuleWithOperations{{RuleWithOperations: admissionv1.RuleWithOperations{
					Operations: []admissionv1.OperationType{admissionv1.Create, admissionv1.Update, admissionv1.Delete},
					Rule:       admissionv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"secrets"}},
				}}},
			},
			Validations: []admissionv1.Validation{{
				Expression:        "(object == null ? oldObject : object).type == 'helm.sh/release.v1' || " + condition,
				MessageExpression: "'quoted: ' + (object == null ? oldObject : object).data.map(k, (object == null ? oldObject : object).data[k]).map(d, " + quote + ").join(' ')",
			}},
		},
	}
	binding := &admissionv1.ValidatingAdmissionPolicyBinding{
		ObjectMeta: metav1.ObjectMeta{Name: name},
		Spec:       admissionv1.ValidatingAdmissionPolicyBindingSpec{PolicyName: name, ValidationActions: []admissionv1.ValidationAction{action}},
	}
	t.Cleanup(func() {
		_ = client.ValidatingAdmissionPolicyBindings().Delete(context.Background(), name, metav1.DeleteOptions{})
		_ = client.ValidatingAdmissionPolicies().Delete(context.Background(), name, metav1.DeleteOptions{})
	})
	if _, err := client.ValidatingAdmissionPolicies().Create(t.Context(), policy, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.ValidatingAdmissionPolicyBindings().Create(t.Context(), binding, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
}

// TestCanaryInAnswers has policies quote the Secrets of recipes and payloads: one
// in refusals of the dry run, one in those of the write itself, one in warnings.
func TestCanaryInAnswers(t *testing.T) {
	t.Parallel()
	for name, policy := range map[string]struct {
		condition string
		action    admissionv1.ValidationAction
		deployed  bool
	}{
		"dry run": {"false", admissionv1.Deny, false},
		"write":   {"has(request.dryRun) && request.dryRun", admissionv1.Deny, false},
		"warning": {"false", admissionv1.Warn, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := plugin.NewSandbox(t)
			const recipe = `{"recipe_mode": "service", "deployment_name": "fetch", "recipe_image_uri": "i", "recipe_container_port": 80,
				"input_object_storage": [{"par": "https://objectstorage.example.com/p/%s/n/n/b/b/o/", "mount_location": "/data", "volume_size_in_gbs": 1}]}`
			const operation = `{"name": "s", "action": "apply", "type": "opaque", "data": {"token": %q}}`
			file, payload := s.Write("fetch.json", fmt.Sprintf(recipe, canaries[1])), s.Write("payload.json", fmt.Sprintf(operation, canaries[0]))
			quotingPolicy(t, s.Namespace, policy.condition, wholeValue, policy.action)
			waitForPolicy(t, s.Namespace)
			var written strings.Builder
			for _, args := range [][]string{
				{"deploy", file, "--preflight=off", "--secrets", payload}, {"deploy", file, "--preflight=off", "--wait=false"}, {"deploy", file, "--dry-run=server"},
				{"diff", file}, {"history", "fetch"}, {"history", "fetch", "-o", "json"}, {"rollback", "fetch"}, {"list"}, {"status", "fetch"}, {"undeploy", "fetch"},
			} {
				out, _ := plugin.Output(s.Kubeconfig, append(args, "-v=10")...)
				fmt.Fprintf(&written, "\n== %v\n%s", args, out)
			}
			if got := strings.Contains(written.String(), "fetch deployed"); got != policy.deployed {
				t.Errorf("deployed: %t\n%.3000s", got, written.String())
			}
			canary.Search(t, written.String(), canaries...)
		})
	}
}

// waitForPolicy returns once the server quotes what it is sent.
func waitForPolicy(t *testing.T, namespace string) {
	t.Helper()
	heard := &warnings{}
	config := kubetest.Config(t)
	config.WarningHandler = heard
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	for !strings.Contains(heard.all, "quoted: ") {
		if t.Context().Err() != nil {
			t.Fatal("the policy does not act")
		}
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{GenerateName: "probe-"}, StringData: map[string]string{"a": "b"}}
		if _, err := client.CoreV1().Secrets(namespace).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
			heard.all += err.Error()
		}
		time.Sleep(100 * time.Millisecond)
	}
}

type warnings struct{ all string }

func (w *warnings) HandleWarningHeader(_ int, _ string, text string) { w.all += text }
