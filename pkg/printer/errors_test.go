package printer_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/url"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/printer"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// TestPrintError prints errors of every structure.
func TestPrintError(t *testing.T) {
	t.Parallel()
	refused := &url.Error{Op: "Get", URL: "https://10.0.0.1:6443/api", Err: syscall.ECONNREFUSED}
	deployIt := hint.Run(errors.New("is a recipe"), "deploy it", hint.Blueprint("deploy", "a b.json"))
	for name, tt := range map[string]struct {
		err  error
		want string
	}{
		"plain":             {errors.New("no payload"), "error: no payload\n"},
		"prefixed":          {errors.New("error: no payload"), "error: no payload\n"},
		"newline in it":     {errors.New("first\nsecond"), `error: first\nsecond` + "\n"},
		"escape in it":      {errors.New("\x1b[2Jcleared"), `error: \x1b[2Jcleared` + "\n"},
		"credentials":       {errors.New("open https://user:s3cr3t@example.com/x"), "error: open https://example.com/x\n"},
		"more lines":        {printer.WithLines(errors.New("the cluster has changed"), "  service/a: deleted"), "error: the cluster has changed\n  service/a: deleted\n"},
		"joined":            {errors.Join(errors.New("a failed"), errors.New("b failed")), "error: a failed\nerror: b failed\n"},
		"wrapped join":      {fmt.Errorf("in shop: %w", errors.Join(errors.New("a failed"), errors.New("b failed"))), "error: in shop: a failed\nerror: b failed\n"},
		"words after":       {fmt.Errorf("a: %w (retried)", printer.WithLines(errors.New("failed"), "below")), "error: a: failed (retried)\nbelow\n"},
		"interrupted":       {context.Canceled, "error: interrupted\n"},
		"unreachable":       {fmt.Errorf("listing: %w", refused), "error: The connection to the server 10.0.0.1:6443 was refused - did you specify the right host or port?\n"},
		"hint":              {deployIt, "error: is a recipe\nhint: deploy it: kubectl blueprint deploy 'a b.json' --context prod\n"},
		"hint twice":        {errors.Join(deployIt, deployIt), "error: is a recipe\nerror: is a recipe\nhint: deploy it: kubectl blueprint deploy 'a b.json' --context prod\n"},
		"other program":     {hint.Run(errors.New("is exposed"), "close it", hint.Command{"chmod", "o=", "a"}), "error: is exposed\nhint: close it: chmod o= a\n"},
		"missing namespace": {apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "shop"), "error: namespaces \"shop\" not found\nhint: create the namespace: kubectl create namespace shop --context prod\n"},
		"forged namespace":  {apierrors.NewNotFound(schema.GroupResource{Resource: "namespaces"}, "$(reboot)"), "error: namespaces \"$(reboot)\" not found\n"},
		"missing pod":       {apierrors.NewNotFound(schema.GroupResource{Resource: "pods"}, "shop"), "error: pods \"shop\" not found\n"},
		"logged out":        {apierrors.NewUnauthorized("no token"), "error: no token\nhint: log in to the cluster again; the credentials in the kubeconfig are missing, wrong or expired\n"},
		"faults": {source.Errors{{File: "a.json", Pos: source.Position{Line: 2, Column: 3}, Message: "unknown key"}, {File: "b.json", Message: "is empty"}},
			"error: a.json:2:3: unknown key\nerror: b.json: is empty\n"},
	} {
		var got bytes.Buffer
		printer.PrintError(&got, tt.err, []string{"--context", "prod"})
		if diff := cmp.Diff(tt.want, got.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestWithLines keeps the error that has more lines.
func TestWithLines(t *testing.T) {
	t.Parallel()
	err := printer.WithLines(context.Canceled, "below")
	if !errors.Is(err, context.Canceled) || err.Error() != context.Canceled.Error() {
		t.Errorf("got %v", err)
	}
}
