package secrets

// HasPlaintext reports whether a payload contains secret values, so that anyone
// who can read the file has them. Values by reference are not secret, nor are
// the server, user and email of a registry. Call it before Resolve.
func HasPlaintext(ops []Operation) bool {
	for _, op := range ops {
		for _, f := range op.fields() {
			if f.value().from == nil && (op.Type == TypeOpaque || f.key == passwordKey) {
				return true
			}
		}
	}
	return false
}
