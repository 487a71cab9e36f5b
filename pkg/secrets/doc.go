// Package secrets is the batch engine for Secrets. It follows the rules of the
// public API: it reads a payload of create, update, apply and delete operations,
// validates it as a whole, and then carries out each operation on its own.
//
//	Document ─Parse→ []Operation ─Resolve→ []Operation ─NewBatch→ Batch ┬ DryRun → []Result     from the payload alone
//	             └─────────────────────┴─Lint→ []Warning                ├ Check → []Result      server-side dry run; writes nothing
//	                                                                    ├ Run → Report          writes; one result per operation
//	                                                                    └ Manifests → []Manifest, every value masked
//
// Resolve fills in the values that a payload has by reference, from the places
// that the caller allows. Files does all of this for the files of a command line,
// Logins and Verify try the credentials of pull secrets.
//
// Operations on the same name run in payload order, different names run in
// parallel, and a failure stops nothing else. An all-or-nothing batch passes
// Approve, a Check of every operation, before Apply writes; Run does both, and
// callers with something to do in between call them themselves.
//
// The server's answer decides whether something exists. A create takes one
// request. Every other operation reads the Secret before the write, to keep off
// Secrets that others manage, to send nothing if nothing changes, and to name
// what changed. If a batch is about many names, one list replaces the reads.
//
// A secret value never leaves the package but in the body of a request: a
// [Value] prints as ***, errors name keys and positions, the server's words are
// searched for the values they may quote, and requests are made with a logger
// that leaves their bodies out.
package secrets
