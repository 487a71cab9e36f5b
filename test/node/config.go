package main

import (
	"embed"
	"fmt"
	"os"
	"path/filepath"
	"text/template"
)

const (
	pauseImage   = "blueprint.test/pause:1"
	pauseArchive = "pause.tar"
)

//go:embed config
var configs embed.FS

// writeConfigs writes what containerd, its network plugins and the kubelet
// start from.
func (n *node) writeConfigs() error {
	cluster := filepath.Dir(os.Getenv("KUBECONFIG"))
	for from, to := range map[string]string{
		filepath.Join(n.bin, "kubelet"):              "kubelet",
		filepath.Join(cluster, "kubelet.kubeconfig"): "kubelet.kubeconfig",
	} {
		if _, err := os.Stat(from); err != nil {
			return fmt.Errorf("%w: it comes from make, or from a cluster that was started with -kubelet=%s", err, nodeName)
		}
		if err := os.Symlink(from, filepath.Join(n.dir, to)); err != nil {
			return err
		}
	}
	all, err := template.ParseFS(configs, "config/*")
	if err != nil {
		return err
	}
	for _, t := range all.Templates() {
		path := filepath.Join(n.dir, "config", t.Name())
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return err
		}
		file, err := os.Create(path)
		if err != nil {
			return err
		}
		defer file.Close()
		if err := t.Execute(file, map[string]string{
			"Dir": n.dir, "Cluster": cluster, "Address": address, "PodLink": podLink, "Pause": pauseImage,
		}); err != nil {
			return err
		}
	}
	return nil
}
