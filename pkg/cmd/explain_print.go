package cmd

import (
	"fmt"
	"io"
	"strings"

	"k8s.io/kubectl/pkg/util/term"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/explain"
)

// printFiles lists the fields of recipes, and what the other kinds of file begin
// with, with the first sentence of each.
func printFiles(out io.Writer, files *explain.Files) error {
	var b strings.Builder
	fmt.Fprintf(&b, "KIND:       %s\n\n", files.Recipe.Title)
	writeText(&b, "DESCRIPTION", firstSentence(files.Recipe.Description))
	writeFields(&b, "FIELDS", files.Recipe.Fields(), firstSentence)
	writeFields(&b, "OTHER FILES", files.Others(), firstSentence)
	_, err := io.WriteString(out, b.String())
	return err
}

// printField prints a field in the layout of kubectl explain.
func printField(out io.Writer, kind, f *explain.Field) error {
	var b strings.Builder
	fmt.Fprintf(&b, "KIND:       %s\n\n", kind.Title)
	fmt.Fprintf(&b, "FIELD: %s%s\n\n", f.Name, angled(f.Type))
	writeNotices(&b, "", f)
	writeText(&b, "DESCRIPTION", f.Description)
	writeText(&b, "KUBERNETES", f.Kubernetes)
	writeText(&b, "ENUM", strings.Join(f.Enum, "\n"))
	writeRefusedValues(&b, f)
	writeLines(&b, "EXAMPLES", f.Examples)
	writeFields(&b, "FIELDS", f.Fields(), func(description string) string { return description })
	_, err := io.WriteString(out, strings.TrimRight(b.String(), "\n")+"\n")
	return err
}

func angled(typeName string) string {
	if typeName == "" {
		return ""
	}
	return " <" + typeName + ">"
}

// writeText writes a section of wrapped text, unless there is none.
func writeText(b *strings.Builder, title, text string) {
	if text != "" {
		fmt.Fprintf(b, "%s:\n%s\n\n", title, wrapped("    ", text))
	}
}

// writeLines writes a section whose lines can be copied, and so are not
// wrapped.
func writeLines(b *strings.Builder, title string, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintf(b, "%s:\n    %s\n\n", title, strings.Join(lines, "\n    "))
	}
}

// writeNotices writes what there is to know before the field is used.
func writeNotices(b *strings.Builder, indent string, f *explain.Field) {
	for _, notice := range notices(f) {
		fmt.Fprintf(b, "%s\n", wrapped(indent, notice))
		if indent == "" {
			b.WriteString("\n")
		}
	}
}

func notices(f *explain.Field) []string {
	var all []string
	if f.Refused != "" {
		all = append(all, "REFUSED: "+f.Refused)
	}
	if f.Deprecated != "" {
		all = append(all, "DEPRECATED: use "+f.Deprecated)
	}
	if f.Ignored != "" {
		all = append(all, "IGNORED: "+f.Ignored)
	}
	return all
}

func writeRefusedValues(b *strings.Builder, f *explain.Field) {
	if len(f.RefusedValues) == 0 {
		return
	}
	b.WriteString("REFUSED VALUES:\n")
	for _, r := range f.RefusedValues {
		fmt.Fprintf(b, "  %s\n%s\n\n", r.Value, wrapped("    ", r.Reason))
	}
}

// writeFields lists fields with as much of their descriptions as is shown.
func writeFields(b *strings.Builder, title string, fields []*explain.Field, shown func(string) string) {
	if len(fields) == 0 {
		return
	}
	fmt.Fprintf(b, "%s:\n", title)
	for _, f := range fields {
		fmt.Fprintf(b, "  %s\t%s", f.Name, strings.TrimSpace(angled(f.Type)))
		if f.Required {
			b.WriteString(" -required-")
		}
		b.WriteString("\n")
		writeNotices(b, "    ", f)
		fmt.Fprintf(b, "%s\n\n", wrapped("    ", shown(f.Description)))
	}
}

// wrapped is text in lines of at most 80 columns, all of them indented.
func wrapped(indent, text string) string {
	var b strings.Builder
	_, _ = io.WriteString(term.NewWordWrapWriter(&b, uint(80-len(indent))), text) // a Builder takes all
	return indent + strings.ReplaceAll(b.String(), "\n", "\n"+indent)
}

// firstSentence ends at the first full stop that a blank follows.
func firstSentence(text string) string {
	if sentence, _, more := strings.Cut(text, ". "); more {
		return sentence + "."
	}
	return text
}
