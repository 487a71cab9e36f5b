package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

// patience bounds the start of one controller.
const patience = 2 * time.Minute

// controller is one project's controller as a process of this machine.
type controller struct {
	project
	bin, dir string
	config   *rest.Config
	failed   context.CancelCauseFunc // called when it ends by itself

	probes, webhooks int // ports
}

// start returns when the webhooks answer. stop is never nil.
func (c *controller) start(ctx context.Context) (stop func(), err error) {
	stop = func() {}
	if c.probes, c.webhooks, err = freePorts(); err != nil {
		return stop, err
	}
	i, err := newInstaller(c.config)
	if err != nil {
		return stop, err
	}
	if err := i.install(ctx, c); err != nil {
		return stop, err
	}
	if stop, err = c.launch(); err != nil {
		return stop, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	if err := eventually(ctx, c.mountCertificate); err != nil {
		return stop, fmt.Errorf("waiting for the certificate: %w", err)
	}
	if err := eventually(ctx, func(ctx context.Context) error { return i.tryCreate(ctx, c.sample) }); err != nil {
		return stop, fmt.Errorf("waiting for the webhooks: %w", err)
	}
	return stop, nil
}

func (c *controller) path(name string) string { return filepath.Join(c.dir, c.name+"-"+name) }

// launch starts the process, whose log is shown if it ends by itself.
func (c *controller) launch() (func(), error) {
	config := fmt.Sprintf(c.project.config, c.probes, c.webhooks, c.path("certificate"))
	if err := os.WriteFile(c.path("config"), []byte(config), 0o600); err != nil {
		return func() {}, err
	}
	log, err := os.Create(c.path("log"))
	if err != nil {
		return func() {}, err
	}
	cmd := exec.Command(filepath.Join(c.bin, c.name), "--config="+c.path("config"))
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // it outlives COMMAND
	if err := cmd.Start(); err != nil {
		return func() {}, err
	}
	stopping, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		err := cmd.Wait()
		select {
		case <-stopping:
		default:
			content, _ := os.ReadFile(log.Name())
			c.failed(fmt.Errorf("%s has ended: %w; its log:\n%s", c.name, err, content))
		}
	}()
	return func() {
		close(stopping)
		_ = cmd.Process.Kill() // it holds no state
		<-ended
	}, nil
}

// mountCertificate does what a kubelet would: the controller makes a Secret
// with its certificate and waits for its files.
func (c *controller) mountCertificate(ctx context.Context) error {
	client, err := kubernetes.NewForConfig(c.config)
	if err != nil {
		return err
	}
	secret, err := client.CoreV1().Secrets(c.namespace).Get(ctx, c.secret, metav1.GetOptions{})
	if err != nil {
		return err
	}
	if len(secret.Data) == 0 {
		return errors.New("the controller has not made it")
	}
	if err := os.MkdirAll(c.path("certificate"), 0o700); err != nil {
		return err
	}
	for name, content := range secret.Data {
		if err := os.WriteFile(filepath.Join(c.path("certificate"), name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}

// eventually calls f until it returns no error or ctx ends.
func eventually(ctx context.Context, f func(context.Context) error) error {
	for {
		err := f(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%w (%w)", context.Cause(ctx), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func freePorts() (int, int, error) {
	var ports [2]int
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return 0, 0, err
		}
		defer l.Close() // both are held until both are known
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports[0], ports[1], nil
}
