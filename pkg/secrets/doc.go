// Package secrets is the batch engine for Secrets: it reads a payload of
// create, update, apply and delete operations, has the server try all of them,
// and then carries them out.
//
//	Document ─Parse→ []Operation ─Resolve→ []Operation ─NewBatch→ Batch ┬ DryRun → []Result     what the payload alone tells
//	             └─────────────────────┴─Lint→ []Warning                ├ Check → []Result      the server's dry run; writes nothing
//	                                                                    ├ Apply → []Result      writes; one result for each operation
//	                                                                    └ Manifests → []Manifest, every value masked
//
// Resolve fills in the values that a payload has by reference, from the places
// that the caller allows.
//
// Operations on the same name run in the order of the payload, different names
// run in parallel, and a failure stops nothing but itself. The server's answer
// decides whether something exists; what Check saw decides only what is tried
// first, names what changed, and keeps Apply off Secrets that others manage. Where
// a batch is about many names, one list takes the place of the reads, and nothing
// is sent for Secrets that a list of the same phase shows to be as wanted.
//
// A secret value never leaves the package but in the body of a request: a
// [Value] prints as ***, errors name keys and positions, the server's words are
// searched for the values they may quote, and requests are made with a logger
// that leaves their bodies out.
package secrets
