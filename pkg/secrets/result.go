package secrets

import (
	"fmt"
	"slices"
	"strings"
)

// Status is the status of an operation.
type Status string

// The statuses of a Result. StatusNotAttempted means that nothing was written.
const (
	StatusSuccess      Status = "success"
	StatusError        Status = "error"
	StatusNotAttempted Status = "not_attempted"
)

// Result is the result of one operation.
type Result struct {
	Action    Action   `json:"action"`
	Name      string   `json:"name"`
	Namespace string   `json:"namespace"`
	Status    Status   `json:"status"`
	Message   string   `json:"message"`
	Reason    Reason   `json:"reason,omitempty"`  // unless it succeeded
	Changed   *bool    `json:"changed,omitempty"` // after a success, if known
	Keys      []string `json:"keys,omitempty"`    // the keys of the Secret after a success
	Cause     Cause    `json:"-"`                 // of an error
}

// Report is the result of a batch.
type Report struct {
	OperationsProcessed int      `json:"operations_processed"`
	Results             []Result `json:"results"`

	// Rejected is set if the server-side dry run of an all-or-nothing batch failed, so
	// that nothing was written.
	Rejected bool `json:"-"`
}

// NewReport returns a report of the results with the number of attempted operations.
func NewReport(results []Result) Report {
	report := Report{Results: results}
	for _, r := range results {
		if r.Status != StatusNotAttempted {
			report.OperationsProcessed++
		}
	}
	return report
}

// OK reports whether every operation succeeded.
func (r Report) OK() bool {
	return !slices.ContainsFunc(r.Results, func(r Result) bool { return r.Status != StatusSuccess })
}

// Overwritten returns the names of Secrets whose data an update or apply has changed or
// may have changed.
func (r Report) Overwritten() []string {
	var names []string
	for _, r := range r.Results {
		overwrites := r.Action == ActionUpdate || r.Action == ActionApply
		if r.Status == StatusSuccess && overwrites && (r.Changed == nil || *r.Changed) {
			names = append(names, r.Name)
		}
	}
	return names
}

// newResult returns a result for op without status and message.
func (b *Batch) newResult(op Operation) Result {
	return Result{Action: op.Action, Name: op.Name, Namespace: b.namespace}
}

// attempt describes how an operation was run.
type attempt struct {
	earlier int    // the number of the previous operation on the same name, or 0
	dry     string // the kind of dry run, or ""
}

// outcome returns the result of an attempted operation: a failure if err is not nil.
// before is the known state of the Secret before it. changed reports whether the Secret
// changed, or is nil if unknown.
func (b *Batch) outcome(op Operation, before state, a answer, changed *bool, err error, try attempt) Result {
	if err != nil {
		return b.failed(op, err, try)
	}
	r := b.succeeded(op, before, a, changed)
	if try.dry != "" {
		r.Message += " (" + try.dry + ")"
	}
	return r
}

func (b *Batch) succeeded(op Operation, before state, a answer, changed *bool) Result {
	r := b.newResult(op)
	r.Status, r.Keys, r.Changed = StatusSuccess, before.keysAfter(op), changed
	if a.live != nil {
		r.Keys = stateOf(a.live).keys
	}
	if changed != nil && !*changed {
		r.Message = fmt.Sprintf("Secret '%s' is unchanged", op.Name)
		return r
	}
	if a.did == deleting {
		r.Message = fmt.Sprintf("Secret '%s' is being deleted and waits for finalizers %s", op.Name, strings.Join(before.after(op, a, nil).finalizers, ", "))
		return r
	}
	did := a.did
	if changed == nil {
		did = op.done() // "applied" if it may have been a create or an update
	}
	r.Message = fmt.Sprintf("Secret '%s' %s successfully", op.Name, did)
	if dropped := before.dropped(op); len(dropped) > 0 {
		r.Message += ", removed keys: " + strings.Join(dropped, ", ")
	}
	if servers := op.rewrittenServers(); len(servers) > 0 {
		r.Message += ", registry server normalized to " + strings.Join(servers, ", ")
	}
	return r
}

// failed returns the result of an operation that was rejected or got no response.
func (b *Batch) failed(op Operation, err error, try attempt) Result {
	r := b.newResult(op)
	reason, words := explain(op, err, try.dry != "")
	r.Status, r.Reason, r.Message = StatusError, reason, fmt.Sprintf("Secret '%s' %s", op.Name, words)
	r.Cause = causeOf(err)
	if try.earlier > 0 {
		r.Message = fmt.Sprintf("after operation %d, %s", try.earlier, r.Message)
	}
	return r
}

// notAttempted returns the result of an operation that was not started.
func (b *Batch) notAttempted(op Operation, reason Reason, why string) Result {
	r := b.newResult(op)
	r.Status, r.Reason = StatusNotAttempted, reason
	r.Message = fmt.Sprintf("Secret '%s' was not %s: %s", op.Name, op.done(), why)
	return r
}

// refused returns the report of a batch that ends after a failed Check. Operations that
// passed were not attempted.
func (r Report) refused() Report {
	results := slices.Clone(r.Results)
	for i := range results {
		if r := &results[i]; r.Status == StatusSuccess {
			r.Status, r.Reason, r.Changed, r.Keys = StatusNotAttempted, ReasonBatchRefused, nil, nil
			r.Message = fmt.Sprintf("Secret '%s' was not %s: another operation failed the dry run", r.Name, Operation{Action: r.Action}.done())
		}
	}
	rejected := NewReport(results)
	rejected.Rejected = true
	return rejected
}
