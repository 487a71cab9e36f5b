package deploy

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/color"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/progress"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// PrintStatus prints the tree, the endpoints and the failure of each release, with the
// nodes of pods if requested.
func PrintStatus(out io.Writer, all []Status, nodes bool) error {
	var buffer bytes.Buffer
	text := color.Like(out, &buffer)
	line := func(format string, args ...any) {
		_, _ = fmt.Fprintln(text, source.Printable(fmt.Sprintf(format, args...)))
	}
	for _, s := range all {
		record := ""
		if s.Status != "deployed" { // an interrupted removal, or an install that helm could not finish
			record = ", " + s.Status + ": " + s.Description
		}
		line("release %s (revision %d) in namespace %s%s", s.Name, s.Revision, s.Namespace, record)
		for _, o := range s.Objects {
			name, node := o.Object, ""
			if o.Container != "" {
				name = o.Container
			}
			if nodes && o.Node != "" {
				node = " on " + o.Node
			}
			_, _ = fmt.Fprint(text, "  ", strings.Repeat("  ", o.Depth), progress.Sign(text, o.State), " ")
			line("%s%s: %s", name, node, o.Text())
		}
		progress.PrintEndpoints(text, "  ", s.Endpoints)
		for _, deleting := range s.Deleting {
			line("  %s", deleting)
		}
		if s.Failure != nil {
			progress.PrintFailure(text, s.Name, s.Failure)
		}
	}
	_, err := out.Write(buffer.Bytes())
	return err
}
