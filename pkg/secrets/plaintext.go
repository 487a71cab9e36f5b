package secrets

// HasPlaintext reports whether a payload itself contains secret values. References, and the
// server, user name and email of a registry, do not count. Call it before Resolve.
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
