// Package source decodes one JSON or YAML document into a tree in which every node has
// its position in the file, so that errors in recipes and secrets payloads name line and
// column.
//
//	bytes ─Parse→ Document ─Find("/a/0/b")→ Node ─Pos→ file:line:col
//
// It is stricter than encoding/json: duplicate keys, invalid UTF-8, unpaired surrogates
// and trailing data are errors. Payloads hold secrets, so errors state the position and
// the problem and never quote the text, and a Node prints as its kind and position. The
// package also escapes text for terminals.
package source
