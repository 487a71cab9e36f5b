package secrets

import (
	"encoding/json"
	"slices"
	"testing"
)

func TestReport(t *testing.T) {
	t.Parallel()
	results := []Result{
		{ActionCreate, "a", "ns", StatusSuccess, "m", "", new(true), []string{"k"}, CauseNone},
		{ActionUpdate, "a", "ns", StatusSuccess, "m", "", new(false), []string{"k"}, CauseNone},
		{ActionUpdate, "b", "ns", StatusError, "m", "NotFound", nil, nil, CauseNoSecret},
		{ActionDelete, "c", "ns", StatusNotAttempted, "m", "Canceled", nil, nil, CauseNone},
	}
	got, err := json.Marshal(NewReport(results))
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"operations_processed":3,"results":[` +
		`{"action":"create","name":"a","namespace":"ns","status":"success","message":"m","changed":true,"keys":["k"]},` +
		`{"action":"update","name":"a","namespace":"ns","status":"success","message":"m","changed":false,"keys":["k"]},` +
		`{"action":"update","name":"b","namespace":"ns","status":"error","message":"m","reason":"NotFound"},` +
		`{"action":"delete","name":"c","namespace":"ns","status":"not_attempted","message":"m","reason":"Canceled"}]}`
	if string(got) != want {
		t.Errorf("report is\n%s, want\n%s", got, want)
	}
	for n, ok := range map[int]bool{1: true, 2: true, 3: false, 4: false} {
		if got := NewReport(results[:n]).OK(); got != ok {
			t.Errorf("OK of the first %d results is %t, want %t", n, got, ok)
		}
	}
	if NewReport(results[3:]).OK() {
		t.Error("OK of what wasn't attempted is true")
	}
}

// TestOverwritten names Secrets that pods may still have the old values of.
func TestOverwritten(t *testing.T) {
	t.Parallel()
	report := NewReport([]Result{
		{Action: ActionUpdate, Name: "updated", Status: StatusSuccess, Changed: new(true)},
		{Action: ActionApply, Name: "open", Status: StatusSuccess},
		{Action: ActionApply, Name: "same", Status: StatusSuccess, Changed: new(false)},
		{Action: ActionCreate, Name: "created", Status: StatusSuccess, Changed: new(true)},
		{Action: ActionDelete, Name: "deleted", Status: StatusSuccess, Changed: new(true)},
		{Action: ActionUpdate, Name: "failed", Status: StatusError},
		{Action: ActionUpdate, Name: "held", Status: StatusNotAttempted},
	})
	if got := report.Overwritten(); !slices.Equal(got, []string{"updated", "open"}) {
		t.Errorf("got %q", got)
	}
}
