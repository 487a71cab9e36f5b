package explain

import (
	"fmt"
	"io"
	"strings"

	"github.com/mitchellh/go-wordwrap"
)

// Print lists the fields of recipes and the other kinds of file, with the first sentence
// of each description.
func (files *Files) Print(out io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "KIND:       %s\n\n", files.Recipe.Title)
	writeText(&b, "DESCRIPTION", FirstSentence(files.Recipe.Description))
	writeFields(&b, "FIELDS", files.Recipe.Fields(), FirstSentence)
	writeFields(&b, "OTHER FILES", files.Others(), FirstSentence)
	_, err := io.WriteString(out, b.String())
	return err
}

// Print prints a field of a kind of file in the layout of kubectl explain.
func (f *Field) Print(out io.Writer, kind *Field) error {
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

// writeLines writes a section of lines that are not wrapped, so that they can be copied.
func writeLines(b *strings.Builder, title string, lines []string) {
	if len(lines) > 0 {
		fmt.Fprintf(b, "%s:\n    %s\n\n", title, strings.Join(lines, "\n    "))
	}
}

// writeNotices writes whether the field is refused, deprecated or ignored, and why.
func writeNotices(b *strings.Builder, indent string, f *Field) {
	for _, notice := range notices(f) {
		fmt.Fprintf(b, "%s\n", wrapped(indent, notice))
		if indent == "" {
			b.WriteString("\n")
		}
	}
}

func notices(f *Field) []string {
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

func writeRefusedValues(b *strings.Builder, f *Field) {
	if len(f.RefusedValues) == 0 {
		return
	}
	b.WriteString("REFUSED VALUES:\n")
	for _, r := range f.RefusedValues {
		fmt.Fprintf(b, "  %s\n%s\n\n", r.Value, wrapped("    ", r.Reason))
	}
}

// writeFields lists fields with their descriptions, shortened by shown.
func writeFields(b *strings.Builder, title string, fields []*Field, shown func(string) string) {
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

// wrapped returns text in indented lines of at most 80 columns.
func wrapped(indent, text string) string {
	return indent + strings.ReplaceAll(wordwrap.WrapString(text, uint(80-len(indent))), "\n", "\n"+indent)
}

// FirstSentence returns the text up to the first full stop that a space follows.
func FirstSentence(text string) string {
	if sentence, _, more := strings.Cut(text, ". "); more {
		return sentence + "."
	}
	return text
}
