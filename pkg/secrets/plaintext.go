package secrets

// HasPlaintext reports whether a payload holds secret values itself, so that whoever
// can read the file has them. Values by reference, and a registry's server, user
// and e-mail, are no secrets. It is to be asked before Resolve.
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
