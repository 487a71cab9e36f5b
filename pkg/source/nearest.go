package source

import "strings"

// Nearest returns the candidate that word most likely misspells, or "" if none is close.
// Of equally close candidates it returns the first. It ignores case.
func Nearest(word string, candidates []string) string {
	best, least := "", 0
	w := []rune(strings.ToLower(word))
	for _, candidate := range candidates {
		c := []rune(strings.ToLower(candidate))
		longer, shorter := max(len(w), len(c)), min(len(w), len(c))
		limit := min((longer+2)/3, shorter-1)
		if longer-shorter > limit {
			continue
		}
		if d := distance(w, c); d <= limit && (best == "" || d < least) {
			best, least = candidate, d
		}
	}
	return best
}

// distance returns the optimal string alignment distance, the number of letters to add,
// remove, replace or swap with their neighbor. See
// https://en.wikipedia.org/wiki/Damerau%E2%80%93Levenshtein_distance.
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row = last, row, before
		row[0] = i
		for j := 1; j <= len(b); j++ {
			replace := last[j-1]
			if a[i-1] != b[j-1] {
				replace++
			}
			row[j] = min(last[j]+1, row[j-1]+1, replace)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
	}
	return row[len(b)]
}
