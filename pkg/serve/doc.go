// Package serve is the public /secrets HTTP API for clients that were written
// for it: the same operations, rules and reports as the secrets commands, for
// one cluster and one user, on one machine.
//
//	request ─logged→ sealed→ forThisHost→ sameOrigin→ authorized→ cleanPath→ mux ┬ GET  /secrets/, /secrets/NAME/ → secrets.List, Get
//	                                                                             └ POST /secrets/ → secrets.Parse, Check, Apply
//
// Whoever has the token can do to Secrets what the user of the server can, so
// every request has to bring it, and nothing is said to one that doesn't. A web
// page that the user happens to have open has three walls before it: the token,
// the Host header, which names this machine and not the page's, and the Origin.
//
// A payload from the network has to hold its values: what refers to a file or
// an environment variable would be read where the server runs, and is refused.
package serve
