// Package secrets is the batch engine for Secrets: it reads a payload of
// create, update and delete operations, has the server try all of them, and
// then carries them out.
//
//	Document ─Parse→ []Operation ─NewBatch→ Batch ┬ Check → []Result   the server's dry run; writes nothing
//	                                              └ Apply → []Result   writes; one result for each operation
//
// Operations on the same name run in the order of the payload, different names
// run in parallel, and a failure stops nothing but itself. The server's answer
// decides whether something exists; nothing is looked up first.
//
// A secret value never leaves the package but in the body of a request: a
// [Value] prints as ***, errors name keys and positions, the server's words are
// searched for the values they may quote, and requests are made with a logger
// that leaves their bodies out.
package secrets
