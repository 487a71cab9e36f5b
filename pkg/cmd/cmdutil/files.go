package cmdutil

import (
	"errors"
	"slices"

	"github.com/spf13/cobra"
	kcmdutil "k8s.io/kubectl/pkg/cmd/util"
)

// FileOptions are the files of a command, named as arguments or with -f.
type FileOptions struct {
	Names     []string // files, directories, URLs, or "-" for standard input
	Recursive bool
}

// AddFlags adds -f and -R. usage completes kubectl's description of -f.
func (o *FileOptions) AddFlags(cmd *cobra.Command, usage string) {
	kcmdutil.AddJsonFilenameFlag(cmd.Flags(), &o.Names, "Filename or directory "+usage)
	cmd.Flags().BoolVarP(&o.Recursive, "recursive", "R", false, "Process the directory used in -f, --filename recursively. Useful when you want to manage related manifests organized within the same directory.")
}

// Complete adds the arguments to the names.
func (o *FileOptions) Complete(args []string) { o.Names = append(o.Names, args...) }

// Args requires a file, as an argument or with -f.
func (o *FileOptions) Args(c *cobra.Command, args []string) error {
	if len(args)+len(o.Names) == 0 {
		return usageError(c, errors.New("requires at least 1 file"))
	}
	return nil
}

// Stdin reports whether one of the files is standard input.
func (o *FileOptions) Stdin() bool { return slices.Contains(o.Names, "-") }
