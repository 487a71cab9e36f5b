package startup

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
)

// Log follows the log of one container. It adds up files that are downloaded at the same
// time.
type Log struct {
	table    *Table
	progress Progress
	sizes    bool            // the text of the progress has sizes
	files    map[string]file // of the current phase
}

// file is how much of a file has been downloaded, in bytes.
type file struct{ done, total float64 }

// maxFiles limits how many files are added up.
const maxFiles = 1000

// NewLog returns the follower of a log.
func (t *Table) NewLog() *Log { return &Log{table: t, files: map[string]file{}} }

// Read reads the next line of the log. It reports whether the progress has changed.
func (l *Log) Read(line string) (p Progress, changed bool) {
	m := l.table.match(line)
	if m == nil {
		return l.progress, false
	}
	phase := m.Phase
	if phase == "" {
		phase = cmp.Or(l.progress.Phase, PhaseLoad)
	}
	if m.Phase == "" && phase == PhaseServe { // the bar of a request
		return l.progress, false
	}
	if phase != l.progress.Phase {
		l.sizes = false
		clear(l.files)
	}
	sizes := strings.Contains(m.Text, "{{size}}")
	if l.sizes && !sizes { // says less than the current text
		return l.progress, false
	}
	l.sizes = sizes
	next := Progress{phase, l.text(m, phase)}
	changed = next != l.progress
	l.progress = next
	return next, changed
}

// text fills the text of a match.
func (l *Log) text(m *match, phase Phase) string {
	done, total := m.group("done"), m.group("total")
	size := ""
	percent := m.group("percent")
	if strings.Contains(m.Text, "{{size}}") {
		f, unit := l.add(m, file{byteCount(done), byteCount(total)}, strings.Contains(total, "i"))
		size = f.format(unit)
		if percent == "" || len(l.files) > 1 {
			percent = f.percent()
		}
	} else if percent == "" && total != "" {
		percent = file{number(done), number(total)}.percent()
	}
	return placeholder.ReplaceAllStringFunc(m.Text, func(name string) string {
		switch name = strings.Trim(name, "{}"); name {
		case "phase":
			return activities[phase]
		case "percent":
			return percent
		case "size":
			return size
		}
		return m.group(name)
	})
}

// add adds up the files of the phase, with their new state. binary selects GiB.
func (l *Log) add(m *match, f file, binary bool) (sum file, unit float64) {
	unit = 1000
	if binary {
		unit = 1024
	}
	if !m.has("file") {
		return f, unit
	}
	name := m.group("file")
	if _, known := l.files[name]; !known && len(l.files) >= maxFiles {
		return f, unit
	}
	l.files[name] = f
	for _, f := range l.files {
		sum.done += f.done
		sum.total += f.total
	}
	return sum, unit
}

// percent returns how much is done.
func (f file) percent() string {
	if f.total <= 0 {
		return "0"
	}
	return strconv.Itoa(int(min(100, f.done*100/f.total)))
}

// format returns "6.1 of 14.2 GB", or "950 MB of 14.2 GB". unit is 1000 or 1024.
func (f file) format(unit float64) string {
	done, doneUnit := scaled(f.done, unit)
	total, totalUnit := scaled(f.total, unit)
	if doneUnit == totalUnit || f.done == 0 {
		return fmt.Sprintf("%s of %s %s", done, total, totalUnit)
	}
	return fmt.Sprintf("%s %s of %s %s", done, doneUnit, total, totalUnit)
}

// scaled returns a number of bytes with its unit.
func scaled(n, unit float64) (text, name string) {
	names := []string{"B", "kB", "MB", "GB", "TB"}
	if unit == 1024 {
		names = []string{"B", "KiB", "MiB", "GiB", "TiB"}
	}
	i := 0
	for n >= unit && i < len(names)-1 {
		n /= unit
		i++
	}
	text = strconv.FormatFloat(n, 'f', 1, 64)
	return strings.TrimSuffix(text, ".0"), names[i]
}

// byteCount returns the number of bytes of "6.10G", "2.0 GB" or "14.2 GiB", or 0.
func byteCount(text string) float64 {
	text = strings.TrimSuffix(strings.TrimSpace(text), "B")
	unit := 1000.0
	if strings.HasSuffix(text, "i") {
		text, unit = strings.TrimSuffix(text, "i"), 1024
	}
	factor := 1.0
	if text != "" {
		if power := strings.IndexByte("KMGTP", text[len(text)-1]&^0x20); power >= 0 {
			text = text[:len(text)-1]
			for range power + 1 {
				factor *= unit
			}
		}
	}
	return number(strings.TrimSpace(text)) * factor
}

// number returns the value of a decimal number, or 0.
func number(text string) float64 {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return 0
	}
	return n
}
