// Command server is a private registry on loopback: distribution's, over plain
// HTTP, with one user.
//
//	server -dir DIR [-listen ADDRESS] [-pause DURATION -of REPOSITORY]
//
// The user's name and password are in REGISTRY_USERNAME and REGISTRY_PASSWORD.
// It prints the address that it listens on. What was pushed is kept in DIR, so
// that a registry can go away and come back. -pause makes every blob of one
// repository slow: so much time goes by before the second half of it comes.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/distribution/distribution/v3/configuration"
	_ "github.com/distribution/distribution/v3/registry/auth/htpasswd"
	"github.com/distribution/distribution/v3/registry/handlers"
	_ "github.com/distribution/distribution/v3/registry/storage/driver/filesystem"
	"github.com/sirupsen/logrus"
	"golang.org/x/crypto/bcrypt"
)

func main() {
	dir := flag.String("dir", "", "`directory` to keep everything in")
	listen := flag.String("listen", "127.0.0.1:0", "`address` to listen on")
	pause := flag.Duration("pause", 0, "`time` in the middle of each blob")
	of := flag.String("of", "", "`repository` whose blobs are slow")
	flag.Parse()
	if err := run(*dir, *listen, slow{pause: *pause, repository: *of}); err != nil {
		fmt.Fprintln(os.Stderr, "registry:", err)
		os.Exit(1)
	}
}

func run(dir, listen string, s slow) error {
	logrus.SetLevel(logrus.PanicLevel) // it tells every request that is refused
	if dir == "" {
		return errors.New("-dir is missing")
	}
	users, err := writeUsers(dir)
	if err != nil {
		return err
	}
	var config configuration.Configuration
	config.Log.AccessLog.Disabled = true
	config.Storage = configuration.Storage{"filesystem": {"rootdirectory": filepath.Join(dir, "storage")}}
	config.Auth = configuration.Auth{"htpasswd": {"realm": "test", "path": users}}
	s.registry = handlers.NewApp(context.Background(), &config)
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	fmt.Println(listener.Addr())
	return http.Serve(listener, s)
}

// writeUsers writes the one user to a file as htpasswd does.
func writeUsers(dir string) (string, error) {
	hash, err := bcrypt.GenerateFromPassword([]byte(os.Getenv("REGISTRY_PASSWORD")), bcrypt.MinCost)
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "htpasswd")
	return path, os.WriteFile(path, []byte(os.Getenv("REGISTRY_USERNAME")+":"+string(hash)+"\n"), 0o600)
}

// slow is a registry that takes its time with the blobs of one repository.
type slow struct {
	registry   http.Handler
	repository string
	pause      time.Duration
}

func (s slow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && s.repository != "" && strings.HasPrefix(r.URL.Path, "/v2/"+s.repository+"/blobs/") {
		w = &pausing{ResponseWriter: w, ctx: r.Context(), pause: s.pause}
	}
	s.registry.ServeHTTP(w, r)
}

// pausing stops once, after the first bytes.
type pausing struct {
	http.ResponseWriter
	ctx   context.Context
	pause time.Duration
}

func (p *pausing) Write(b []byte) (int, error) {
	if p.pause == 0 || len(b) < 2 {
		return p.ResponseWriter.Write(b)
	}
	half := len(b) / 2
	n, err := p.ResponseWriter.Write(b[:half])
	if err != nil {
		return n, err
	}
	if err := http.NewResponseController(p.ResponseWriter).Flush(); err != nil {
		return n, err
	}
	select {
	case <-time.After(p.pause):
	case <-p.ctx.Done():
		return n, p.ctx.Err()
	}
	p.pause = 0
	rest, err := p.ResponseWriter.Write(b[half:])
	return n + rest, err
}
