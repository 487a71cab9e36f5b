package secrets

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	admissionv1 "k8s.io/api/admission/v1"
	registrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/kubetest"
)

// TestWebhookThatQuotesValues has an admission webhook with the worst manners.
func TestWebhookThatQuotesValues(t *testing.T) {
	t.Parallel()
	c := newCluster(t)
	wantOutcomes(t, c.apply(opaque(ActionCreate, "old", "k", "v")), success)
	c.installRude()
	payload := list(
		opaque(ActionCreate, "a", "k", "token-"+canary, "pem", "-----BEGIN-----\n"+canary+"\n-----END-----\n"),
		opaque(ActionUpdate, "old", "k", `quoted "`+canary+`"`),
		pullSecret(ActionCreate, "r", "nvcr.io", "user-"+canary, "password-"+canary),
	)
	wantEventually(t, func() bool { return c.check(payload)[0].Status == StatusError })
	for _, results := range [][]Result{c.check(payload), c.apply(payload)} {
		if len(results) != 3 {
			t.Errorf("got %d results, want 3", len(results))
		}
		for _, r := range results {
			if !strings.Contains(r.Message, "could not be "+Operation{Action: r.Action}.done()+": admission webhook") || !strings.Contains(r.Message, "***") {
				t.Errorf("message is %q, want the webhook's words", r.Message)
			}
			wantNoCanary(t, "message", r.Message)
			if encoded := base64.StdEncoding.EncodeToString([]byte("password-" + canary)); strings.Contains(r.Message, encoded) {
				t.Errorf("message has a value in base64: %s", r.Message)
			}
		}
	}
}

// deny refuses a Secret and quotes it in every way.
func deny(w http.ResponseWriter, req *http.Request) {
	var review admissionv1.AdmissionReview
	var secret corev1.Secret
	if err := json.NewDecoder(req.Body).Decode(&review); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := json.Unmarshal(review.Request.Object.Raw, &secret); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	words := fmt.Sprintf("no: %s %v", review.Request.Object.Raw, secret.Data)
	for key, value := range secret.Data {
		words += fmt.Sprintf(" %s=%s %q %x", key, value, value, value)
	}
	review.Response = &admissionv1.AdmissionResponse{UID: review.Request.UID, Result: &metav1.Status{Message: words}}
	_ = json.NewEncoder(w).Encode(review)
}

func (c cluster) installRude() {
	c.t.Helper()
	c.install(httptest.NewTLSServer(http.HandlerFunc(deny)))
}

// install sends every write of a Secret in the namespace to server.
func (c cluster) install(server *httptest.Server) {
	c.t.Helper()
	c.t.Cleanup(server.Close)
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	none, ignore := registrationv1.SideEffectClassNone, registrationv1.Fail
	hooks := kubetest.Client(c.t).AdmissionregistrationV1().ValidatingWebhookConfigurations()
	_, err := hooks.Create(context.Background(), &registrationv1.ValidatingWebhookConfiguration{
		ObjectMeta: metav1.ObjectMeta{Name: c.namespace},
		Webhooks: []registrationv1.ValidatingWebhook{{
			Name:                    "rude.example.com",
			ClientConfig:            registrationv1.WebhookClientConfig{URL: &server.URL, CABundle: ca},
			SideEffects:             &none,
			FailurePolicy:           &ignore,
			AdmissionReviewVersions: []string{"v1"},
			NamespaceSelector:       &metav1.LabelSelector{MatchLabels: map[string]string{corev1.LabelMetadataName: c.namespace}},
			Rules: []registrationv1.RuleWithOperations{{
				Operations: []registrationv1.OperationType{registrationv1.Create, registrationv1.Update},
				Rule:       registrationv1.Rule{APIGroups: []string{""}, APIVersions: []string{"v1"}, Resources: []string{"secrets"}},
			}},
		}},
	}, metav1.CreateOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = hooks.Delete(context.Background(), c.namespace, metav1.DeleteOptions{}) })
}
