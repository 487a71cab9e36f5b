package source

// Decode returns the tree as encoding/json decodes it into an any, except for numbers: it
// calls number with their literals.
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

// WithText returns a String with the given text and the position of n.
func (n *Node) WithText(text string) *Node {
	return &Node{Kind: String, Pos: n.Pos, text: text}
}
