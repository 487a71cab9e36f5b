package diff

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/dryrun"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/source"
)

// MarkdownMarker is the first line of the Markdown of a diff, by which a pipeline finds
// its earlier comment on a pull request.
const MarkdownMarker = "<!-- kubectl-blueprint-diff -->"

// maxMarkdown limits the Markdown in bytes. GitHub accepts comments of up to 65,536
// characters, and pipelines add text of their own.
const maxMarkdown = 60_000

// Markdown writes the changes as a comment on a pull request, in the dialect of GitHub
// that GitLab also reads: a table of the releases that change, and collapsed details with
// their objects and unified diff. It omits details that do not fit into a comment.
func Markdown(w io.Writer, releases []Release) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s\n### Preview of the deploy\n", MarkdownMarker)
	changed := slices.DeleteFunc(slices.Clone(releases), func(r Release) bool { return !r.Changed() })
	if len(changed) > 0 {
		text.WriteString("\n")
		row(&text, "Release", "Changes", "Pods to restart or stop", "GPUs")
		row(&text, "---", "---", "---", "---")
	}
	for i, r := range changed {
		if text.Len() > maxMarkdown/2 {
			row(&text, "…", "and "+source.Count(len(changed)-i, "more release"), "", "")
			break
		}
		row(&text, code(r.Name), r.totals(), strconv.FormatInt(r.restarts(), 10), strings.Join(cells(r.gpuLines()), "<br>"))
	}
	for i, r := range changed {
		if text.Len() > maxMarkdown {
			fmt.Fprintf(&text, "\nDetails of %s do not fit into a comment.\n", source.Count(len(changed)-i, "release"))
			break
		}
		if err := r.details(&text); err != nil {
			return err
		}
	}
	if n := len(releases) - len(changed); n > 0 {
		fmt.Fprintf(&text, "\n%s unchanged.\n", source.Count(n, "release"))
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// details writes the changes of a release.
func (r Release) details(text *strings.Builder) error {
	fmt.Fprintf(text, "\n<details>\n<summary><b>%s</b>: %s</summary>\n\n", r.Name, r.totals())
	row(text, "", "Object", "Effects")
	row(text, "---", "---", "---")
	for _, c := range r.Changes {
		if c.Action != dryrun.Unchanged {
			row(text, code(signs[c.Action]), code(c.Object), strings.Join(cells(c.Effects), "<br>"))
		}
	}
	files, err := r.Files()
	if err != nil {
		return err
	}
	var diffs strings.Builder
	for _, f := range files {
		diffs.Write(f.Diff())
	}
	if text.Len()+diffs.Len() > maxMarkdown {
		lines := source.Count(strings.Count(diffs.String(), "\n"), "line")
		fmt.Fprintf(text, "\nThe unified diff has %s, too many for a comment. Print it with `kubectl blueprint diff`.\n", lines)
	} else {
		fence := fenceFor(diffs.String(), 3)
		fmt.Fprintf(text, "\n%sdiff\n%s%s\n", fence, diffs.String(), fence)
	}
	text.WriteString("\n</details>\n")
	return nil
}

// restarts returns how many pods a deploy would replace or stop.
func (r Release) restarts() int64 {
	var n int64
	for _, c := range r.Changes {
		n += c.Restarts
	}
	return n
}

// row writes a row of a table.
func row(text *strings.Builder, cells ...string) {
	fmt.Fprintf(text, "| %s |\n", strings.Join(cells, " | "))
}

// cells returns texts for a table. Those with characters that have a meaning in Markdown,
// or that mention an account, become code.
func cells(texts []string) []string {
	all := make([]string, len(texts))
	for i, text := range texts {
		if text = source.Printable(text); strings.ContainsAny(text, "`*_~#@<>&[]\\|!") {
			text = code(text)
		}
		all[i] = text
	}
	return all
}

// code returns text as a code span in a table.
func code(text string) string {
	fence := fenceFor(text, 1)
	pad := ""
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") {
		pad = " "
	}
	return fence + pad + strings.ReplaceAll(text, "|", `\|`) + pad + fence
}

// fenceFor returns at least n backquotes, more than any sequence of them in text.
func fenceFor(text string, n int) string {
	fence := strings.Repeat("`", n)
	for strings.Contains(text, fence) {
		fence += "`"
	}
	return fence
}
