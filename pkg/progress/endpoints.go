package progress

import (
	"io"
)

// Endpoints are the addresses of a service and the commands to reach it.
type Endpoints struct {
	Cluster     string   `json:"cluster"`               // URL inside the cluster
	External    []string `json:"external,omitempty"`    // URLs outside of it
	Pending     bool     `json:"pending,omitempty"`     // an external address is not assigned yet
	PortForward string   `json:"portForward,omitempty"` // command that forwards a local port
	Logs        string   `json:"logs,omitempty"`        // command that follows the logs
}

// URL returns the address to use from outside the cluster, "pending", or the address
// inside the cluster.
func (e *Endpoints) URL() string {
	switch {
	case e == nil:
		return ""
	case len(e.External) > 0:
		return e.External[0]
	case e.Pending:
		return "pending"
	}
	return e.Cluster
}

// PrintEndpoints writes one line for each address and each command. It writes nothing
// for nil: the release has no Service.
func PrintEndpoints(w io.Writer, indent string, e *Endpoints) {
	if e == nil {
		return
	}
	printLine(w, indent+"In the cluster:  "+e.Cluster)
	for _, url := range e.External {
		printLine(w, indent+"From outside:    "+url)
	}
	if e.Pending {
		printLine(w, indent+"From outside:    pending; check that the cluster has a load balancer or gateway controller")
	}
	if e.PortForward != "" {
		printLine(w, indent+"From here:       "+e.PortForward)
	}
	if e.Logs != "" {
		printLine(w, indent+"Logs:            "+e.Logs)
	}
}
