// Package secrets is the batch engine for Secrets. It follows the rules of the
// public API: it reads a payload of create, update, apply and delete operations,
// validates all of it, and then runs each operation on its own.
//
//	Document ─Parse→ []Operation ─Resolve→ []Operation ─NewBatch→ Batch ┬ DryRun → []Result     from the payload alone
//	             └─────────────────────┴─Lint→ []Warning                ├ Check → []Result      server-side dry run; writes nothing
//	                                                                    ├ Run → Report          writes; one result per operation
//	                                                                    └ Manifests → []Manifest, every value masked
//
// Resolve replaces references by values from the sources that the caller allows. Files
// does all of this for the files of a command line. Logins and Verify log in with the
// credentials of pull secrets.
//
// Operations on the same name run in payload order, operations on different names run in
// parallel, and a failure does not stop other operations. For an all-or-nothing batch, Run
// calls Approve, which checks every operation, before Apply. Callers that need to act in
// between call Approve and Apply themselves.
//
// The server's response decides whether a Secret exists. A create takes one request. All
// other operations read the Secret before the write, to protect Secrets managed by other
// tools, to skip writes that change nothing, and to report changed keys. For a batch with
// many names, one list replaces these reads.
//
// Secret values leave the package only in request bodies: a [Value] prints as ***, errors
// name keys and positions, messages of the server are redacted, and request bodies are not
// logged.
package secrets
