package node

import (
	"slices"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes/fake"
)

func testReferences() *references {
	return newReferences(fake.NewClientset(
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "s"}, Data: map[string][]byte{"k": nil}},
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "m"}, Data: map[string]string{"k": ""}},
	), "ns")
}

func text(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func secretKey(name, key string, optional bool) *corev1.EnvVarSource {
	return &corev1.EnvVarSource{SecretKeyRef: &corev1.SecretKeySelector{
		LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key, Optional: &optional,
	}}
}

func configMapKey(name, key string, optional bool) *corev1.EnvVarSource {
	return &corev1.EnvVarSource{ConfigMapKeyRef: &corev1.ConfigMapKeySelector{
		LocalObjectReference: corev1.LocalObjectReference{Name: name}, Key: key, Optional: &optional,
	}}
}

func TestVariableWordsErrorsAsTheKubelet(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from *corev1.EnvVarSource
		want string
	}{
		"secret":                  {secretKey("s", "k", false), ""},
		"missing secret":          {secretKey("x", "k", false), `secret "x" not found`},
		"missing secret key":      {secretKey("s", "x", false), "couldn't find key x in Secret ns/s"},
		"optional secret":         {secretKey("x", "k", true), ""},
		"optional secret key":     {secretKey("s", "x", true), ""},
		"config map":              {configMapKey("m", "k", false), ""},
		"missing config map":      {configMapKey("x", "k", false), `configmap "x" not found`},
		"missing config map key":  {configMapKey("m", "x", false), "couldn't find key x in ConfigMap ns/m"},
		"optional config map":     {configMapKey("x", "k", true), ""},
		"optional config map key": {configMapKey("m", "x", true), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, _, err := testReferences().variable(t.Context(), c.from); text(err) != c.want {
				t.Errorf("got %q, want %q", text(err), c.want)
			}
		})
	}
}

func TestEnvironmentReadsEnvFromFirst(t *testing.T) {
	t.Parallel()
	ref := func(name string, optional bool) corev1.EnvFromSource {
		return corev1.EnvFromSource{ConfigMapRef: &corev1.ConfigMapEnvSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: name}, Optional: &optional,
		}}
	}
	c := &corev1.Container{
		Env:     []corev1.EnvVar{{Name: "A", ValueFrom: secretKey("x", "k", false)}},
		EnvFrom: []corev1.EnvFromSource{ref("m", false), ref("y", true), ref("x", false)},
	}
	if _, err := testReferences().environment(t.Context(), c); text(err) != `configmap "x" not found` {
		t.Errorf("got %q", text(err))
	}
}

func TestEnvironmentHasTheValuesOfTheKubelet(t *testing.T) {
	t.Parallel()
	refs := newReferences(fake.NewClientset(
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "s"}, Data: map[string][]byte{"k": []byte("secret")}},
		&corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: "m"}, Data: map[string]string{"k": "map", "l": "other"}},
	), "ns")
	got, err := refs.environment(t.Context(), &corev1.Container{
		EnvFrom: []corev1.EnvFromSource{{Prefix: "M_", ConfigMapRef: &corev1.ConfigMapEnvSource{LocalObjectReference: corev1.LocalObjectReference{Name: "m"}}}},
		Env: []corev1.EnvVar{
			{Name: "M_l", Value: "of env"},
			{Name: "KEY", ValueFrom: secretKey("s", "k", false)},
			{Name: "NONE", ValueFrom: secretKey("s", "x", true)},
			{Name: "SUM", Value: "$(M_k), $(KEY), $(LATER), $$(KEY)"},
			{Name: "LATER", Value: ""},
		},
	})
	slices.Sort(got)
	want := []string{"KEY=secret", "LATER=", "M_k=map", "M_l=of env", "SUM=map, secret, $(LATER), $(KEY)"}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
}

func TestVolumeWordsErrorsAsTheKubelet(t *testing.T) {
	t.Parallel()
	items := []corev1.KeyToPath{{Key: "x", Path: "x"}}
	secret := func(name string, items []corev1.KeyToPath) corev1.VolumeSource {
		return corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: name, Items: items}}
	}
	configMap := func(name string, items []corev1.KeyToPath) corev1.VolumeSource {
		return corev1.VolumeSource{ConfigMap: &corev1.ConfigMapVolumeSource{
			LocalObjectReference: corev1.LocalObjectReference{Name: name}, Items: items,
		}}
	}
	projected := corev1.VolumeSource{Projected: &corev1.ProjectedVolumeSource{Sources: []corev1.VolumeProjection{
		{Secret: &corev1.SecretProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "x"}}},
		{ConfigMap: &corev1.ConfigMapProjection{LocalObjectReference: corev1.LocalObjectReference{Name: "x"}}},
		{ServiceAccountToken: &corev1.ServiceAccountTokenProjection{}},
	}}}
	optional := secret("x", nil)
	optional.Secret.Optional = new(true)
	for name, c := range map[string]struct {
		volume corev1.VolumeSource
		want   string
	}{
		"empty dir":              {corev1.VolumeSource{EmptyDir: &corev1.EmptyDirVolumeSource{}}, ""},
		"secret":                 {secret("s", nil), ""},
		"missing secret":         {secret("x", nil), `secret "x" not found`},
		"missing secret key":     {secret("s", items), "references non-existent secret key: x"},
		"optional secret":        {optional, ""},
		"missing config map":     {configMap("x", nil), `configmap "x" not found`},
		"missing config map key": {configMap("m", items), "configmap references non-existent config key: x"},
		"projected":              {projected, `[secret "x" not found, configmap "x" not found]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := text(testReferences().volume(t.Context(), c.volume)); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
