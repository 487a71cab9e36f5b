package main

import (
	"errors"
	"flag"
	"fmt"
	"net/netip"
	"os/exec"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
)

// options are the command line.
type options struct {
	dir, kubeconfig, log                    string
	listen, advertise, kubelet              string
	serviceCIDR, podCIDR                    string
	services, pods                          netip.Prefix
	nodes, gpus, amdGPUs, verbosity         int
	labels                                  map[string]string
	resources                               corev1.ResourceList
	crds                                    list
	modelServer                             []string
	apiServer, controllerManager, scheduler list
	command                                 []string
}

// list is a flag that may be given more than once.
type list []string

func (l *list) String() string     { return strings.Join(*l, " ") }
func (l *list) Set(s string) error { *l = append(*l, s); return nil }

func parse(args []string) (options, error) {
	o := options{labels: map[string]string{}, resources: defaultResources()}
	fs := flag.NewFlagSet("cluster", flag.ContinueOnError)
	fs.StringVar(&o.dir, "dir", "", "state `directory`, emptied at the start (default: a temporary one, removed at the end)")
	fs.StringVar(&o.kubeconfig, "kubeconfig", "", "where to write the administrator's kubeconfig `file` (default: DIR/kubeconfig)")
	fs.StringVar(&o.log, "log", "", "where the components log (default: DIR/log)")
	fs.IntVar(&o.verbosity, "v", 0, "how much they log")
	fs.StringVar(&o.listen, "listen", "127.0.0.1:0", "`address` of the API server")
	fs.IntVar(&o.nodes, "nodes", 2, "number of simulated nodes, gpu-node-1 and so on")
	fs.IntVar(&o.gpus, "gpus", 8, "nvidia.com/gpu of each node")
	fs.IntVar(&o.amdGPUs, "amd-gpus", 0, "amd.com/gpu of the last node, which then has no nvidia.com/gpu")
	fs.Func("node-resource", "`name=quantity` that every node has, as in cpu=64 or nvidia.com/mig-1g.10gb=7; may repeat", o.addResource)
	fs.Func("model-server", "`command` that runs in place of each container that requests GPUs (default: nothing runs).\nIt gets -name=MODEL, -port=PORT and -socket=FILE, and serves HTTP on that socket.\nThe container is ready when /health answers with status 200.", o.setModelServer)
	fs.Func("node-label", "`key=value`, a label of every node; may repeat", o.addLabel)
	fs.Var(&o.crds, "crds", "`directory` of CustomResourceDefinitions to install, one to a file *.yaml; may repeat")
	fs.StringVar(&o.kubelet, "kubelet", "", "also write what a real kubelet and kube-proxy of the node `name` need:\nDIR/{kubelet,kube-proxy}.kubeconfig, DIR/pki/kubelet.{crt,key}, DIR/pki/ca.crt")
	fs.StringVar(&o.advertise, "advertise", "", "`IP` address at which pods reach the API server (default: none)")
	fs.StringVar(&o.serviceCIDR, "service-cidr", "10.96.0.0/16", "addresses of Services")
	fs.StringVar(&o.podCIDR, "pod-cidr", "10.244.0.0/16", "addresses of pods, a /24 for each node")
	fs.Var(&o.apiServer, "apiserver-flag", "`--flag=value` for kube-apiserver; may repeat")
	fs.Var(&o.controllerManager, "controller-manager-flag", "`--flag=value` for kube-controller-manager; may repeat")
	fs.Var(&o.scheduler, "scheduler-flag", "`--flag=value` for kube-scheduler; may repeat")
	fs.Usage = func() {
		fmt.Fprintln(fs.Output(), "usage: cluster [flags] [-- COMMAND [ARG...]]")
		fs.PrintDefaults()
	}
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	o.command = fs.Args()
	err := o.validate()
	if err != nil {
		fmt.Fprintln(fs.Output(), "cluster:", err)
	}
	return o, err
}

func (o *options) setModelServer(s string) error {
	o.modelServer = strings.Fields(s)
	if len(o.modelServer) == 0 {
		return errors.New("must not be empty")
	}
	program, err := exec.LookPath(o.modelServer[0])
	if err != nil {
		return err
	}
	o.modelServer[0], err = filepath.Abs(program)
	return err
}

func (o *options) addLabel(s string) error {
	key, value, ok := strings.Cut(s, "=")
	if !ok || key == "" {
		return errors.New("want key=value")
	}
	o.labels[key] = value
	return nil
}

func (o *options) addResource(s string) error {
	name, value, ok := strings.Cut(s, "=")
	if !ok || name == "" {
		return errors.New("want name=quantity")
	}
	quantity, err := resource.ParseQuantity(value)
	if err != nil {
		return err
	}
	o.resources[corev1.ResourceName(name)] = quantity
	return nil
}

func (o *options) validate() error {
	var err error
	if o.services, err = netip.ParsePrefix(o.serviceCIDR); err != nil {
		return fmt.Errorf("-service-cidr: %w", err)
	}
	if o.pods, err = netip.ParsePrefix(o.podCIDR); err != nil {
		return fmt.Errorf("-pod-cidr: %w", err)
	}
	if o.nodes < 0 || o.gpus < 0 || o.amdGPUs < 0 {
		return errors.New("-nodes, -gpus and -amd-gpus: want 0 or more")
	}
	if !o.pods.Addr().Is4() || o.pods.Bits() > 24 || o.nodes > 1<<(24-o.pods.Bits()) || o.nodes > 250 {
		return fmt.Errorf("-nodes: %s has no /24 for each of %d nodes", o.podCIDR, o.nodes)
	}
	return nil
}

// usageCode is the exit code of a command line that parse has refused, having
// said why; asking for help is no error.
func usageCode(err error) int {
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	return 2
}
