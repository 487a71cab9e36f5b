package english_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"k8s.io/kubectl/pkg/util/i18n"

	_ "github.com/kubectl-blueprint/kubectl-blueprint/pkg/cmd" // must not load translations before
	_ "github.com/kubectl-blueprint/kubectl-blueprint/pkg/english"
)

// translated is a text that kubectl translates into German.
const translated = "Attach to a running container"

// TestEnglish starts this test in German.
func TestEnglish(t *testing.T) {
	if os.Getenv("ENGLISH_TEST") != "" {
		if got := i18n.T(translated); got != translated {
			t.Errorf("translated to %q", got)
		}
		if err := i18n.LoadTranslations("kubectl", nil); err != nil {
			t.Fatal(err)
		}
		if got := i18n.T(translated); got == translated {
			t.Error("kubectl has no German translation of the text, so the test proves nothing")
		}
		return
	}
	c := exec.Command(os.Args[0], "-test.run=TestEnglish", "-test.v")
	c.Env = append(os.Environ(), "ENGLISH_TEST=1", "LC_ALL=de_DE.UTF-8")
	if out, err := c.CombinedOutput(); err != nil || !strings.Contains(string(out), "PASS: TestEnglish") {
		t.Errorf("%v\n%s", err, out)
	}
}
