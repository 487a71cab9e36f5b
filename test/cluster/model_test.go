package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/tools/portforward"
	"k8s.io/client-go/transport/spdy"
)

// modelServer is the argument that makes this test a program for -model-server.
const modelServer = "model-server"

// serveModel starts once a file exists, and ends when it is told to.
func serveModel(args []string) {
	flags := flag.NewFlagSet(modelServer, flag.ExitOnError)
	loaded := flags.String("loaded", "", "")
	socket, name, port := flags.String("socket", "", ""), flags.String("name", "", ""), flags.Int("port", 0, "")
	_ = flags.Parse(args)
	fmt.Printf("%s starts on port %d\n", *name, *port)
	for _, err := os.Stat(*loaded); err != nil; _, err = os.Stat(*loaded) {
		time.Sleep(10 * time.Millisecond)
	}
	listener, err := net.Listen("unix", *socket)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("server up")
	http.HandleFunc("/health", func(http.ResponseWriter, *http.Request) {})
	http.HandleFunc("/process", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, "%d %s", os.Getpid(), strings.Join(os.Environ(), " "))
	})
	http.HandleFunc("/crash", func(http.ResponseWriter, *http.Request) {
		fmt.Fprint(os.Stderr, "out of memory")
		os.Exit(3)
	})
	_ = http.Serve(listener, nil)
}

// modelCluster is a cluster in which this test is the model server, once it is loaded.
func modelCluster(t *testing.T) (cluster *process, n namespace, load func()) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	kubeconfig, loaded := filepath.Join(t.TempDir(), "kubeconfig"), filepath.Join(t.TempDir(), "loaded")
	p := newProcess(t, "-nodes=1", "-kubeconfig="+kubeconfig, "-model-server="+self+" "+modelServer+" -loaded="+loaded)
	p.start(t)
	appears(t, kubeconfig)
	n = namespace{newClient(t, kubeconfig), kubeconfig, "default"}
	secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "s"}, StringData: map[string]string{"k": "v"}}
	if _, err := n.CoreV1().Secrets(n.name).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	n.createModel(t)
	return p, n, func() {
		if err := os.WriteFile(loaded, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

func (n namespace) createModel(t *testing.T) {
	t.Helper()
	key := corev1.SecretKeySelector{LocalObjectReference: corev1.LocalObjectReference{Name: "s"}, Key: "k"}
	n.create(t, corev1.PodSpec{Containers: []corev1.Container{{
		Name: "c", Image: "nvcr.io/nim/meta/llama:1", Ports: []corev1.ContainerPort{{ContainerPort: 8000}},
		Env:            []corev1.EnvVar{{Name: "KEY", ValueFrom: &corev1.EnvVarSource{SecretKeyRef: &key}}},
		Resources:      corev1.ResourceRequirements{Limits: corev1.ResourceList{nvidiaGPU: resource.MustParse("1")}},
		ReadinessProbe: &corev1.Probe{ProbeHandler: corev1.ProbeHandler{HTTPGet: &corev1.HTTPGetAction{Path: "/v1/health/ready", Port: intstr.FromInt32(8000)}}},
	}}})
}

// get sends a request to the pod through port-forward.
func (n namespace) get(t *testing.T, port int, path string) (string, error) {
	t.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", n.kubeconfig)
	if err != nil {
		t.Fatal(err)
	}
	transport, upgrader, err := spdy.RoundTripperFor(config)
	if err != nil {
		t.Fatal(err)
	}
	address := n.CoreV1().RESTClient().Post().Resource("pods").Namespace(n.name).Name("p").SubResource("portforward").URL()
	dialer := spdy.NewDialer(upgrader, &http.Client{Transport: transport}, http.MethodPost, address)
	stop, ready, refused := make(chan struct{}), make(chan struct{}), &bytes.Buffer{}
	f, err := portforward.NewOnAddresses(dialer, []string{"127.0.0.1"}, []string{fmt.Sprintf("0:%d", port)}, stop, ready, io.Discard, refused)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- f.ForwardPorts() }()
	select {
	case <-ready:
	case err := <-done:
		return "", err
	}
	text, err := func() (string, error) {
		ports, err := f.GetPorts()
		if err != nil {
			return "", err
		}
		response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d%s", ports[0].Local, path))
		if err != nil {
			return "", err
		}
		defer func() { _ = response.Body.Close() }()
		body, err := io.ReadAll(response.Body)
		return string(body), err
	}()
	close(stop)
	return text, errors.Join(err, <-done)
}

func TestModelServer(t *testing.T) {
	t.Parallel()
	cluster, n, load := modelCluster(t)
	started := n.reaches(t, "a started container", func(s corev1.PodStatus) bool {
		return len(s.ContainerStatuses) == 1 && s.ContainerStatuses[0].State.Running != nil
	})
	if started.ContainerStatuses[0].Ready {
		t.Error("ready before the server is up")
	}
	if _, err := n.get(t, 8000, "/process"); err == nil {
		t.Error("answers before the server is up")
	}
	load()
	n.runs(t)
	const up = "meta/llama starts on port 8000\nserver up\n"
	if log, err := n.log(t.Context(), "p", &corev1.PodLogOptions{}); log != up || err != nil {
		t.Errorf("log: %q, %v", log, err)
	}
	answer, err := n.get(t, 8000, "/process")
	pid, environment, _ := strings.Cut(answer, " ")
	if environment != "KEY=v" || err != nil {
		t.Errorf("answer: %q, %v", answer, err)
	}
	if answer, err := n.get(t, 8001, "/process"); err == nil {
		t.Errorf("port 8001 answers %q", answer)
	}

	followed := make(chan string, 1)
	go func() {
		log, _ := n.log(context.Background(), "p", &corev1.PodLogOptions{Follow: true})
		followed <- log
	}()
	_, _ = n.get(t, 8000, "/crash")
	restarted := n.reaches(t, "a restarted container", func(s corev1.PodStatus) bool {
		return s.ContainerStatuses[0].RestartCount == 1 && s.ContainerStatuses[0].Ready
	})
	if last := restarted.ContainerStatuses[0].LastTerminationState.Terminated; last == nil || last.ExitCode != 3 || last.Reason != "Error" {
		t.Errorf("last state: %+v", last)
	}
	if log := <-followed; log != up+"out of memory" && log != up+"out of memory\n" {
		t.Errorf("followed log: %q", log)
	}
	if log, err := n.log(t.Context(), "p", &corev1.PodLogOptions{Previous: true, TailLines: new(int64(1))}); strings.TrimSpace(log) != "out of memory" || err != nil {
		t.Errorf("previous log: %q, %v", log, err)
	}
	n.isGone(t, pid)

	_, _ = n.get(t, 8000, "/crash")
	waiting := n.reaches(t, "a back-off", func(s corev1.PodStatus) bool { return s.ContainerStatuses[0].State.Waiting != nil })
	if s := waiting.ContainerStatuses[0]; s.State.Waiting.Reason != "CrashLoopBackOff" || waiting.Phase != corev1.PodRunning || s.Ready {
		t.Errorf("after the second crash: %s, %+v", waiting.Phase, s)
	}
	cluster.signal(t, syscall.SIGTERM)
	cluster.ends(t, 0)
	cluster.leavesNothing(t)
}

func TestModelServerEndsWithPodAndCluster(t *testing.T) {
	t.Parallel()
	cluster, n, load := modelCluster(t)
	load()
	n.isGone(t, n.processAfter(t, func() {
		if err := n.CoreV1().Pods(n.name).Delete(t.Context(), "p", metav1.DeleteOptions{}); err != nil {
			t.Fatal(err)
		}
	}))
	files := filepath.Join(cluster.temp, "cluster-*", "containers", "*")
	eventually(t, func(context.Context) error {
		if left, err := filepath.Glob(files); err != nil || len(left) > 0 {
			return fmt.Errorf("%v left behind, %w", left, err)
		}
		return nil
	})
	n.createModel(t)
	n.isGone(t, n.processAfter(t, func() { cluster.signal(t, syscall.SIGKILL) }))
}

// processAfter returns the process of the pod as it was before end.
func (n namespace) processAfter(t *testing.T, end func()) string {
	t.Helper()
	n.runs(t)
	answer, err := n.get(t, 8000, "/process")
	if err != nil {
		t.Fatal(err)
	}
	end()
	pid, _, _ := strings.Cut(answer, " ")
	return pid
}

// isGone waits until a process has ended.
func (n namespace) isGone(t *testing.T, pid string) {
	t.Helper()
	id, err := strconv.Atoi(pid)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func(context.Context) error {
		if err := syscall.Kill(id, 0); err == nil {
			return fmt.Errorf("process %d still runs", id)
		}
		return nil
	})
}
