package cmd

import (
	"flag"
	"strconv"

	"github.com/spf13/cobra"
	"k8s.io/klog/v2"
)

// mostVerbose is the highest level at which client-go, and Helm through it, logs
// methods, URLs, headers and statuses. From 8 on it logs the bodies of requests
// and answers: Secrets, and the releases with their recipes.
const mostVerbose = 7

// addVerbosityFlag offers klog's -v, the one logging flag that kubectl's users
// know. Secrets never reach the log at any level. Without the flag nothing is
// logged: client-go logs as errors what commands get over, or tell themselves.
func addVerbosityFlag(root *cobra.Command) {
	fs := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(fs)
	klog.SetLogger(klog.Logger{})
	v := fs.Lookup("v")
	v.Value = verbosity{v.Value}
	v.Usage += "; requests are logged from 6 on, their bodies, which hold secrets, never"
	root.PersistentFlags().AddGoFlag(v)
}

// verbosity takes any level, and is never above mostVerbose.
type verbosity struct{ flag.Value }

// Set sets the level.
func (v verbosity) Set(text string) error {
	if level, err := strconv.Atoi(text); err == nil && level > mostVerbose {
		text = strconv.Itoa(mostVerbose)
	}
	klog.ClearLogger()
	return v.Value.Set(text)
}
