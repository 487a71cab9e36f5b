// Package source decodes one JSON or YAML document into a tree whose every
// node knows where it stands in the file, so that whoever reads a recipe or a
// secrets payload can point at the line that is wrong.
//
//	bytes ─Parse→ Document ─Find("/a/0/b")→ Node ─Pos→ file:line:col
//
// It is stricter than encoding/json where silence would do damage: duplicate
// keys, text that is not UTF-8, unpaired surrogates and trailing data are
// errors. Because a payload holds secrets, an error says where and what kind
// of thing is wrong and never quotes the text, and a Node prints as its kind
// and position.
package source
