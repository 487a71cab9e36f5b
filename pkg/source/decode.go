package source

// Decode turns the tree into what encoding/json gives for it, but for numbers,
// which become what number makes of their literals.
func (n *Node) Decode(number func(literal string) any) any {
	switch n.Kind {
	case Object:
		object := make(map[string]any, len(n.Members))
		for _, m := range n.Members {
			object[m.Key] = m.Value.Decode(number)
		}
		return object
	case Array:
		array := make([]any, len(n.Items))
		for i, item := range n.Items {
			array[i] = item.Decode(number)
		}
		return array
	case String:
		return n.text
	case Number:
		return number(n.text)
	case Bool:
		return n.text == "true"
	}
	return nil
}

// WithText returns a String with another text in the place of n.
func (n *Node) WithText(text string) *Node {
	return &Node{Kind: String, Pos: n.Pos, text: text}
}
