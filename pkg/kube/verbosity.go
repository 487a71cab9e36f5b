package kube

import (
	"flag"
	"strconv"

	"k8s.io/klog/v2"
)

// mostVerbose is the highest level at which client-go, also for Helm, logs methods,
// URLs, headers and statuses only. From 8 on it logs the bodies of requests and
// answers: Secrets, and releases with their recipes.
const mostVerbose = 7

// VerbosityFlag returns klog's -v. Secrets never reach the log at any level. Without
// the flag nothing is logged: client-go logs errors that commands handle or report
// themselves.
func VerbosityFlag() *flag.Flag {
	fs := flag.NewFlagSet("klog", flag.ContinueOnError)
	klog.InitFlags(fs)
	klog.SetLogger(klog.Logger{})
	v := fs.Lookup("v")
	v.Value = verbosity{v.Value}
	v.Usage += "; 6 and above logs API requests, but never their bodies, which may contain secrets"
	return v
}

// verbosity accepts any level and limits it to mostVerbose.
type verbosity struct{ flag.Value }

// Set sets the level.
func (v verbosity) Set(text string) error {
	if level, err := strconv.Atoi(text); err == nil && level > mostVerbose {
		text = strconv.Itoa(mostVerbose)
	}
	klog.ClearLogger()
	return v.Value.Set(text)
}
