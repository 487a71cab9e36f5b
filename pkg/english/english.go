// Package english keeps kubectl's texts in English. The plugin's own texts have no
// translation, and a page with both languages is hard to read. It also saves the 10 ms
// and 4 MB that loading kubectl's translations takes at every start.
package english

import "k8s.io/kubectl/pkg/util/i18n"

// Packages of kubectl translate texts in variables, so this must come before them. Go
// initializes packages in the order of their import paths, as soon as those that they
// import are initialized, and k8s.io follows github.com.
func init() {
	if err := i18n.SetLoadTranslationsFunc(func() error { return nil }); err != nil {
		panic(err) // kubectl has already loaded them
	}
}
