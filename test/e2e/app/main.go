// Command app runs in the pods of the tests. Its first argument selects the behavior:
//
//	app serve [-ready-after=D] [-unhealthy]   serves /health with status 200 or 503
//	app model [FLAGS]                         starts like vLLM, then serves the OpenAI API
//	app crash MESSAGE EXITCODE                prints MESSAGE to stderr and exits
//	app fill BYTES EXITCODE                   writes BYTES to its log, then waits for SIGTERM
//	app eat                                   allocates memory until the kernel kills it
//	app job                                   prints a line and exits with code 0
//
// The flags of model are:
//
//	-name=ID,...       the served models (or -model, as for vLLM)
//	-port=PORT         8000 by default
//	-socket=FILE       Unix socket to listen on instead of the port
//	-download=D        duration of a phase; 0 leaves it out
//	-load=D
//	-capture=D
//	-stuck=PHASE       prints the first half of download, load or capture, then nothing
//	-api-key-env=NAME  environment variable with the API key, VLLM_API_KEY by default
//	-answer=TEXT       the answer to every question; the question itself by default
//	-token-delay=D     time before each token of an answer
//
// Each first prints the environment variable that PRINT names, if it is set.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/kubectl-blueprint/kubectl-blueprint/test/modelserver"
)

func main() {
	if name := os.Getenv("PRINT"); name != "" {
		fmt.Printf("%s=%s\n", name, os.Getenv(name))
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) == 0 {
		return errors.New("app: argument missing")
	}
	switch args[0] {
	case "serve":
		return serve(args[1:])
	case "model":
		return model(args[1:])
	case "crash":
		return crash(args[1:])
	case "fill":
		return fill(args[1:])
	case "eat":
		eat()
	case "job":
		fmt.Println("work done")
	default:
		return fmt.Errorf("app: unknown argument %q", args[0])
	}
	return nil
}

// serve returns when it receives SIGINT or SIGTERM, without a grace period.
func serve(args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	readyAfter := flags.Duration("ready-after", 0, "`time` until /health returns 200")
	unhealthy := flags.Bool("unhealthy", false, "whether /health always returns 503")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	begin, mux := time.Now(), http.NewServeMux()
	mux.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		if *unhealthy || time.Since(begin) < *readyAfter {
			http.Error(w, "the model is not loaded", http.StatusServiceUnavailable)
		}
	})
	return listen(ctx, "tcp", ":8000", mux)
}

// model listens once its startup log ends.
func model(args []string) error {
	var start modelserver.Startup
	flags := flag.NewFlagSet("model", flag.ContinueOnError)
	var names, answer string
	flags.StringVar(&names, "name", "test/model", "comma-separated `IDs` of models")
	flags.StringVar(&names, "model", "test/model", "alias of -name")
	flags.StringVar(&answer, "answer", "", "`text` of every answer")
	flags.IntVar(&start.Port, "port", 8000, "`port` of the API")
	socket := flags.String("socket", "", "Unix socket (`file`) to listen on instead of the port")
	flags.DurationVar(&start.Download, modelserver.Download, 0, "duration of the download")
	flags.DurationVar(&start.Load, modelserver.Load, 0, "duration of loading shards")
	flags.DurationVar(&start.Capture, modelserver.Capture, 0, "duration of capturing CUDA graphs")
	flags.StringVar(&start.Stuck, "stuck", "", "`phase` that stops halfway")
	key := flags.String("api-key-env", "VLLM_API_KEY", "environment `variable` with the API key")
	delay := flags.Duration("token-delay", 20*time.Millisecond, "`time` before each token")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	models := strings.Split(names, ",")
	start.Model = models[0]
	switch err := start.Run(ctx, os.Stdout); {
	case ctx.Err() != nil:
		return nil
	case err != nil:
		return err
	}
	network, address := "tcp", ":"+strconv.Itoa(start.Port)
	if *socket != "" {
		network, address = "unix", *socket
	}
	return listen(ctx, network, address, &modelserver.Server{Models: models, APIKey: os.Getenv(*key), Delay: *delay, Answer: answer})
}

// listen serves until ctx is done.
func listen(ctx context.Context, network, address string, handler http.Handler) error {
	listener, err := net.Listen(network, address)
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- http.Serve(listener, handler) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

func crash(args []string) error {
	if len(args) != 2 {
		return errors.New("app: usage: crash MESSAGE EXITCODE")
	}
	code, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, args[0])
	os.Exit(code)
	return nil
}

// fill exits with EXITCODE when it receives SIGTERM.
func fill(args []string) error {
	if len(args) != 2 {
		return errors.New("app: usage: fill BYTES EXITCODE")
	}
	size, err := strconv.Atoi(args[0])
	if err != nil {
		return err
	}
	code, err := strconv.Atoi(args[1])
	if err != nil {
		return err
	}
	end := make(chan os.Signal, 1)
	signal.Notify(end, syscall.SIGTERM)
	for line := strings.Repeat("x", 1023); size > 0; size -= 1024 {
		fmt.Println(line)
	}
	<-end
	os.Exit(code)
	return nil
}

// eat writes to the memory that it allocates, because the kernel counts only used pages.
func eat() {
	const block = 16 << 20
	for eaten := [][]byte{}; ; {
		b := make([]byte, block)
		for i := range b {
			b[i] = 1
		}
		eaten = append(eaten, b)
		fmt.Printf("%d MiB\n", len(eaten)*block>>20)
	}
}
