//go:build !windows

package progress

import "os"

// enableEscapes does nothing: terminals outside Windows understand escape
// sequences without being asked.
func enableEscapes(*os.File) (restore func(), err error) { return func() {}, nil }
