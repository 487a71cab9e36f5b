// Package serve serves the public /secrets HTTP API for clients written for it: the same
// operations, rules and reports as the secrets commands, for one cluster and one user, on
// one machine.
//
//	request ─logged→ sealed→ forThisHost→ sameOrigin→ authorized→ cleanPath→ mux ┬ GET  /secrets/, /secrets/NAME/ → secrets.List, Get
//	                                                                             └ POST /secrets/ → secrets.Parse, Check, Apply
//
// A client with the token has the permissions of the server's user, so every request needs
// it. Three checks protect against web pages that the user has open: the token, the Host
// header, which must name this machine, and the Origin header.
//
// Payloads must contain their values. References to files and environment variables are
// rejected, because they would be read on the server's machine.
package serve
