package release

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/storage/driver"
	helmtime "helm.sh/helm/v3/pkg/time"
	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// start is the time of revision 0 in these tests; revision n is n minutes later.
var start = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

// record returns a revision of release r with a status and a manifest of ConfigMaps,
// one for each name.
func record(revision int, status release.Status, configMaps ...string) *release.Release {
	var manifest strings.Builder
	for _, name := range configMaps {
		manifest.WriteString("---\n" + configMap(name, ""))
	}
	return &release.Release{
		Name: "r", Namespace: "ns", Version: revision, Manifest: manifest.String(),
		Chart: &chart.Chart{Metadata: &chart.Metadata{Name: "blueprint"}},
		Info:  &release.Info{Status: status, Description: fmt.Sprintf("description of %d", revision), LastDeployed: helmtime.Time{Time: start.Add(time.Duration(revision) * time.Minute)}},
	}
}

// configMap returns the manifest of a ConfigMap with data in flow style.
func configMap(name, data string) string {
	return "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " + name + "}\ndata: {" + data + "}\n"
}

// with returns the revision with a label.
func with(r *release.Release, label, value string) *release.Release {
	r.Labels = map[string]string{label: value}
	return r
}

// copyingDriver is Helm's memory driver, except that records are copied as any other
// driver does: changes of a record that was read change the stored one only with Update.
type copyingDriver struct{ *driver.Memory }

func newMemory(namespace string) driver.Driver {
	store := driver.NewMemory()
	store.SetNamespace(namespace)
	return copyingDriver{store}
}

func (d copyingDriver) Create(key string, r *release.Release) error {
	return d.Memory.Create(key, copyRecord(r))
}

func (d copyingDriver) Update(key string, r *release.Release) error {
	return d.Memory.Update(key, copyRecord(r))
}

func (d copyingDriver) Get(key string) (*release.Release, error) {
	found, err := d.Memory.Get(key)
	if err != nil {
		return nil, err
	}
	return copyRecord(found), nil
}

func (d copyingDriver) Query(labels map[string]string) ([]*release.Release, error) {
	found, err := d.Memory.Query(labels)
	all := make([]*release.Release, len(found))
	for i, one := range found {
		all[i] = copyRecord(one)
	}
	return all, err
}

func copyRecord(r *release.Release) *release.Release {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err)
	}
	decoded := &release.Release{}
	if err := json.Unmarshal(text, decoded); err != nil {
		panic(err)
	}
	decoded.Labels = maps.Clone(r.Labels) // not in the JSON
	return decoded
}

// memoryRun returns a run on release r with these records in Helm's memory driver, and
// the lines that it logs. As with a SQL database, no lease is held.
func memoryRun(t *testing.T, records ...*release.Release) (*run, *[]string) {
	t.Helper()
	store := newMemory("ns")
	for _, one := range records {
		if err := store.Create(recordKey(one), one); err != nil {
			t.Fatal(err)
		}
	}
	lines := &[]string{}
	flags := genericclioptions.NewConfigFlags(false)
	unreachable := "http://127.0.0.1:1"
	flags.APIServer = &unreachable
	c := &Client{
		Log:    func(format string, args ...any) { *lines = append(*lines, fmt.Sprintf(format, args...)) },
		Redact: func(text string) string { return strings.ReplaceAll(text, "s3cret", "***") },
		getter: flags, namespace: "ns", store: store,
	}
	return &run{Client: c, ctx: t.Context(), name: "r", id: "me", store: store, logged: map[string]bool{}}, lines
}

// stored returns a line for each stored revision of release r: revision, status and
// description.
func stored(t *testing.T, r *run) []string {
	t.Helper()
	found, err := history(r.Client.store, "r")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, one := range found {
		lines = append(lines, fmt.Sprintf("%d %s: %s", one.Version, one.Info.Status, one.Info.Description))
	}
	return lines
}
