package progress

import (
	"os"

	"golang.org/x/sys/windows"
)

// enableEscapes makes a Windows console interpret escape sequences until restore
// is called. It returns an error if the console cannot: before Windows 10 1607.
// See https://learn.microsoft.com/windows/console/console-virtual-terminal-sequences.
func enableEscapes(file *os.File) (restore func(), err error) {
	console := windows.Handle(file.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(console, &mode); err != nil {
		return nil, err
	}
	wanted := mode | windows.ENABLE_PROCESSED_OUTPUT | windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING
	if err := windows.SetConsoleMode(console, wanted); err != nil {
		return nil, err
	}
	return func() { _ = windows.SetConsoleMode(console, mode) }, nil
}
