// Package source decodes one JSON or YAML document into a tree in which every
// node knows its position, so that readers of recipes and secrets payloads can
// point at the faulty line:
//
//	bytes ─Parse→ Document ─Find("/a/0/b")→ Node ─Pos→ file:line:col
//
// It owns positions, the rendering of errors as file:line:col, and text that is
// safe to print. It is stricter than encoding/json where leniency would hide
// mistakes: duplicate keys, invalid UTF-8, unpaired surrogates and trailing
// data are errors. A payload holds secrets, so errors never quote the text, and
// a Node prints as its kind and position.
package source
