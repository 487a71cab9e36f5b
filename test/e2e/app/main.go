// Command app is what runs in the pods of the tests: a workload that behaves,
// or misbehaves, as its first argument says.
//
//	app serve [-ready-after=D] [-unhealthy]   an HTTP server; /health answers 200, or 503
//	app crash MESSAGE EXITCODE                say something on stderr and end
//	app eat                                   take memory until the kernel ends it
//	app job                                   say something on stdout and end well
//
// Each first prints the environment variable that PRINT names, if it is set.
package main

import (
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"
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
		return errors.New("app: say what to do")
	}
	switch args[0] {
	case "serve":
		return serve(args[1:])
	case "crash":
		return crash(args[1:])
	case "eat":
		eat()
	case "job":
		fmt.Println("work done")
	default:
		return fmt.Errorf("app: no such thing to do: %q", args[0])
	}
	return nil
}

// serve ends when it is told to, at once.
func serve(args []string) error {
	flags := flag.NewFlagSet("serve", flag.ContinueOnError)
	readyAfter := flags.Duration("ready-after", 0, "`time` until /health answers 200")
	unhealthy := flags.Bool("unhealthy", false, "whether /health answers 503 for ever")
	if err := flags.Parse(args); err != nil {
		return err
	}
	end := make(chan os.Signal, 1)
	signal.Notify(end, os.Interrupt, syscall.SIGTERM)
	begin, failed := time.Now(), make(chan error, 1)
	http.HandleFunc("/health", func(w http.ResponseWriter, _ *http.Request) {
		if *unhealthy || time.Since(begin) < *readyAfter {
			http.Error(w, "the model is not loaded", http.StatusServiceUnavailable)
		}
	})
	go func() { failed <- http.ListenAndServe(":8000", nil) }()
	select {
	case err := <-failed:
		return err
	case <-end:
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

// eat writes to all the memory it takes, for only then is it taken.
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
