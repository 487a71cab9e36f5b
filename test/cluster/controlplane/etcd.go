package controlplane

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
)

// maxSocketPath is what Linux allows for a unix socket's path.
const maxSocketPath = 107

// startEtcd runs one etcd member on two unix sockets in dir and returns the
// value for the API server's --etcd-servers. Sockets need no port and no
// certificates: the directory's mode keeps others out.
func startEtcd(dir, logFile string) (*embed.Etcd, string, error) {
	client, peer := socket(dir, "client"), socket(dir, "peer")
	if n := len(client.Path); n > maxSocketPath {
		return nil, "", fmt.Errorf("the socket %s has %d characters, Linux allows %d: use a shorter directory", client.Path, n, maxSocketPath)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, "", err
	}
	c := embed.NewConfig()
	c.Dir = filepath.Join(dir, "data")
	c.ListenClientUrls, c.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	c.ListenPeerUrls, c.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	c.InitialCluster = c.InitialClusterFromName(c.Name)
	c.UnsafeNoFsync = true // the state does not outlive the process
	c.LogLevel, c.LogOutputs = "warn", []string{logFile}
	c.TickMs, c.ElectionMs = 10, 100 // a lone member elects itself; the defaults would take a second
	e, err := embed.StartEtcd(c)
	if err != nil {
		return nil, "", err
	}
	select {
	case <-e.Server.ReadyNotify():
		return e, client.String(), nil
	case err = <-e.Err():
	case <-time.After(startTimeout):
		err = errors.New("not ready in time")
	}
	e.Close()
	return nil, "", err
}

func socket(dir, name string) url.URL {
	return url.URL{Scheme: "unix", Path: filepath.Join(dir, name+".sock")}
}
