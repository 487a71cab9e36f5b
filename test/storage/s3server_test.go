package storage

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// accessKey and secretKey open every bucket; nothing may print the second.
const (
	accessKey = "access-key"
	secretKey = "CANARY-secret-key-51c0"
)

// s3Server is an S3-compatible server whose buckets are directories.
type s3Server struct{ root, endpoint string }

// newS3Server starts a server with the buckets, each with its objects.
func newS3Server(t *testing.T, buckets map[string]map[string]string) *s3Server {
	t.Helper()
	s := &s3Server{root: t.TempDir()}
	for bucket, objects := range buckets {
		if err := os.Mkdir(filepath.Join(s.root, bucket), 0o755); err != nil {
			t.Fatal(err)
		}
		for name, content := range objects {
			write(t, s.bucket(bucket), name, []byte(content))
		}
	}
	address := freeAddress(t)
	s.endpoint = "http://" + address
	server := exec.Command(tool(t, "versitygw", makeTools), "--port", address, "--quiet", "posix", "--sidecar", t.TempDir(), s.root)
	server.Env = []string{"ROOT_ACCESS_KEY=" + accessKey, "ROOT_SECRET_KEY=" + secretKey}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = server.Process.Kill()
		_ = server.Wait()
	})
	await(t, func() bool {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			return false
		}
		return connection.Close() == nil
	})
	return s
}

// bucket is the directory of a bucket.
func (s *s3Server) bucket(name string) string { return filepath.Join(s.root, name) }

// pod is a job's pod whose cluster has its buckets on the server.
func (s *s3Server) pod(t *testing.T, recipe map[string]any) *pod {
	t.Helper()
	recipe["cluster"] = map[string]any{"objectStorage": map[string]any{"secretName": "buckets", "endpoint": s.endpoint}}
	p := newPod(t, recipe)
	p.secrets["buckets"] = map[string][]byte{"AWS_ACCESS_KEY_ID": []byte(accessKey), "AWS_SECRET_ACCESS_KEY": []byte(secretKey)}
	return p
}

// freeAddress is one of loopback on which nobody listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().String()
}
