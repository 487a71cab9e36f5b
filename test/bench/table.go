package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"slices"
	"strings"
	"text/tabwriter"
	"time"
)

// printMachine says what the numbers depend on.
func printMachine(w io.Writer) {
	load := "unknown"
	if text, err := os.ReadFile("/proc/loadavg"); err == nil {
		load = strings.Join(strings.Fields(string(text))[:3], " ")
	}
	_, _ = fmt.Fprintf(w, "%s/%s, %d CPUs, load average %s\n", runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), load)
}

// printPart prints what the contenders of a part took, then the ratios.
func printPart(out io.Writer, p part, samples [][]sample) error {
	w := tabwriter.NewWriter(out, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintf(w, "\n%s\n", p.title)
	_, _ = fmt.Fprintln(w, "\tRUNS\tWALL (MIN–MAX)\tCPU\tPEAK RSS")
	medians := map[string]sample{}
	for i, c := range p.contenders {
		m, all := medianOf(samples[i]), walls(samples[i])
		medians[c.name] = m
		_, _ = fmt.Fprintf(w, "%s\t%d\t%s (%s–%s)\t%s\t%s\n", c.name, len(all),
			seconds(m.wall), seconds(slices.Min(all)), seconds(slices.Max(all)), seconds(m.cpu), megabytes(m.rss))
	}
	if len(p.ratios) > 0 {
		_, _ = fmt.Fprintln(w, "THEIRS ÷ OURS\t\tWALL\tCPU\tPEAK RSS\tWANTED")
	}
	for _, r := range p.ratios {
		ours, theirs := medians[r.ours], medians[r.theirs]
		wall := quotient(theirs.wall, ours.wall)
		_, _ = fmt.Fprintf(w, "%s ÷ %s\t\t%.2f\t%.2f\t%.2f\t%s\n", r.theirs, r.ours,
			wall, quotient(theirs.cpu, ours.cpu), quotient(theirs.rss, ours.rss), verdict(wall, r.want))
	}
	return w.Flush()
}

// verdict compares a ratio of wall time with the one that is wanted.
func verdict(got, want float64) string {
	switch {
	case want == 0:
		return ""
	case got >= want:
		return fmt.Sprintf("≥ %.2f", want)
	}
	return fmt.Sprintf("≥ %.2f: MISSED", want)
}

func quotient[T time.Duration | int64](a, b T) float64 { return float64(a) / float64(b) }

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }

func megabytes(n int64) string { return fmt.Sprintf("%.0f MB", float64(n)/1e6) }
