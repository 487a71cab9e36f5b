package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// fixtures is where pkg/rollout has what its tests judge.
const fixtures = "../../pkg/rollout/testdata/node"

// save writes what was captured, so that two runs write the same as far as the
// API server says the same.
func (o *observer) save() {
	o.lane.t.Helper()
	if !*update {
		return
	}
	for _, pattern := range o.wanted {
		o.happened(o.lane.t, pattern)
	}
	o.waiting.Wait()
	o.mu.Lock()
	defer o.mu.Unlock()
	for name, items := range o.captured {
		if lateSecret(name, items) {
			o.lane.t.Logf("fixture %s: the kubelet had the pull secret late, the old one stays", name)
			continue
		}
		data, err := json.MarshalIndent(object{"apiVersion": "v1", "kind": "List", "items": items}, "", "  ")
		if err != nil {
			o.lane.t.Fatal(err)
		}
		data, err = normalise(data, o.lane.namespace)
		if err != nil {
			o.lane.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(fixtures, name+".json"), data, 0o644); err != nil {
			o.lane.t.Fatal(err)
		}
	}
}

// lateSecret reports whether a fixture shows beside its failure another one: the
// kubelet may not read a secret before the API server knows that a pod needs it.
func lateSecret(name string, items []any) bool {
	if strings.HasPrefix(name, "no-pull-secret") {
		return false
	}
	return slices.ContainsFunc(items, func(item any) bool { return item.(object)["reason"] == "FailedToRetrieveImagePullSecret" })
}

var (
	made       = regexp.MustCompile(`recipe-app-([0-9a-z]{6,10})(?:-([0-9a-z]{5}))?\b`)
	uid        = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	timestamp  = regexp.MustCompile(`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z`)
	hexDigest  = regexp.MustCompile(`\b[0-9a-f]{64}\b`)
	loopback   = regexp.MustCompile(`127\.0\.0\.1:\d+`)
	podAddress = regexp.MustCompile(`10\.244\.0\.\d+`)
	eventName  = regexp.MustCompile(`"name": "([^"]+)\.[0-9a-f]{16}"`)
	took       = regexp.MustCompile(`in [0-9.]+m?s \([0-9.]+m?s including waiting\)`)
	version    = regexp.MustCompile(`"resourceVersion": "(\d+)"`)
	// What says nothing of the failure, and differs from machine to machine.
	dropped = []string{"managedFields", "nodeInfo", "images", "machineID", "systemUUID"}
)

// normalise takes out of a list what differs from run to run: times, addresses,
// ids and names that the server makes, and versions, of which the order is kept.
func normalise(data []byte, namespace string) ([]byte, error) {
	var list object
	if err := json.Unmarshal(data, &list); err != nil {
		return nil, err
	}
	drop(list)
	data, err := json.MarshalIndent(list, "", "  ")
	if err != nil {
		return nil, err
	}
	text := strings.ReplaceAll(string(data), namespace, "default")
	text = renamed(text)
	text = numbered(uid, text, func(i int) string { return fmt.Sprintf("00000000-0000-0000-0000-%012d", i+1) })
	text = timestamp.ReplaceAllString(text, "2026-01-01T00:00:00Z")
	text = ranked(text)
	events := 0
	text = eventName.ReplaceAllStringFunc(text, func(s string) string {
		events++
		return eventName.ReplaceAllString(s, fmt.Sprintf(`"name": "$1.%d"`, events))
	})
	text = hexDigest.ReplaceAllString(text, strings.Repeat("0", 64))
	text = loopback.ReplaceAllString(text, "127.0.0.1:5000")
	text = took.ReplaceAllString(text, "in 100ms (100ms including waiting)")
	text = podAddress.ReplaceAllString(text, "10.244.0.2")
	return []byte(text + "\n"), nil
}

// drop removes keys at any depth.
func drop(value any) {
	switch v := value.(type) {
	case object:
		for _, key := range dropped {
			delete(v, key)
		}
		for _, child := range v {
			drop(child)
		}
	case []any:
		for _, child := range v {
			drop(child)
		}
	}
}

// renamed replaces what the server adds to names of ReplicaSets and pods.
func renamed(text string) string {
	var pods []string
	for _, m := range made.FindAllStringSubmatch(text, -1) {
		text = strings.ReplaceAll(text, m[1], "5d8f9c7b6d")
		if m[2] != "" && !slices.Contains(pods, m[2]) {
			pods = append(pods, m[2])
		}
	}
	for i, suffix := range pods {
		text = strings.ReplaceAll(text, "-"+suffix, fmt.Sprintf("-pod%02d", i+1))
	}
	return text
}

// numbered replaces each distinct match by its number in order of appearance.
func numbered(pattern *regexp.Regexp, text string, name func(int) string) string {
	known := map[string]int{}
	return pattern.ReplaceAllStringFunc(text, func(s string) string {
		if _, ok := known[s]; !ok {
			known[s] = len(known)
		}
		return name(known[s])
	})
}

// ranked replaces resource versions by their rank: their order says what is later.
func ranked(text string) string {
	var all []int
	for _, m := range version.FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(m[1])
		all = append(all, n)
	}
	slices.Sort(all)
	all = slices.Compact(all)
	return version.ReplaceAllStringFunc(text, func(s string) string {
		n, _ := strconv.Atoi(version.FindStringSubmatch(s)[1])
		return fmt.Sprintf(`"resourceVersion": "%d"`, slices.Index(all, n)+1)
	})
}
