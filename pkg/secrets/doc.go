// Package secrets applies batches of operations on Secrets. It owns the payload
// format, its validation, and the order and results of the operations, as the
// public API defines them: a payload of create, update, apply and delete
// operations is validated as a whole, and then each operation is carried out on
// its own.
//
//	Document ─Parse→ []Operation ─Resolve→ []Operation ─NewBatch→ Batch ┬ DryRun → []Result     from the payload alone
//	             └─────────────────────┴─Lint→ []Warning                ├ Check → []Result      server-side dry run; writes nothing
//	                                                                    ├ Run → Report          writes; one result per operation
//	                                                                    └ Manifests → []Manifest, every value masked
//
// Resolve fills in values by reference, from the sources that the caller
// allows.
//
// Operations on the same name run in payload order, different names run in
// parallel, and a failure does not affect other operations. An all-or-nothing
// batch passes Approve, a Check of every operation, before Apply writes. Run
// does both; callers that have work in between call them separately.
//
// The server's answer decides whether a Secret exists. A create takes one
// request. Every other operation reads the Secret before the write, to spare
// Secrets managed by another program, to send nothing if nothing changes, and
// to report what changed. For a batch of many names, one list (prefetch)
// replaces the reads.
//
// A secret value leaves the package only in the body of a request: a [Value]
// prints as ***, errors name keys and positions, messages of the server are
// redacted, and requests are made with a logger that omits their bodies.
package secrets
