package registry

const (
	hubImage  = "nginx"
	nimImage  = "nvcr.io/nim/meta/llama:1"
	ocirImage = "iad.ocir.io/ns/app@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
)

// spellings are servers as people write them, the image that they mean, and
// whether the kubelet finds it for the spelling itself.
var spellings = []struct {
	server, image string
	asGiven       bool
}{
	{"docker.io", hubImage, true},
	{"https://docker.io", hubImage, true},
	{"index.docker.io", hubImage, true},
	{"https://index.docker.io/v1/", hubImage, true},
	{"docker.io", "docker.io/org/app", true},
	{"index.docker.io", "org/app:2", true},
	{"docker.io/org", "org/app", true},
	{"https://index.docker.io/v1", hubImage, false},
	{"https://index.docker.io/v2/", hubImage, true},
	{"https://index.docker.io/v2", hubImage, false},
	{"https://registry-1.docker.io", hubImage, false},
	{"registry-1.docker.io", hubImage, false},
	{"registry.hub.docker.com", hubImage, false},
	{"hub.docker.com", hubImage, false},
	{"Docker.io", hubImage, false},
	{"docker.io:443", hubImage, false},
	{"index.docker.io/org", "org/app", false},
	{"registry-1.docker.io/org", "org/app", false},
	{"https://index.docker.io/v1/org", "org/app", false},
	{"nvcr.io", nimImage, true},
	{"https://nvcr.io", nimImage, true},
	{"http://nvcr.io", nimImage, true},
	{"https://nvcr.io/", nimImage, true},
	{"https://nvcr.io/v1/", nimImage, true},
	{"https://nvcr.io/v2/", nimImage, true},
	{"nvcr.io/v2/", nimImage, true},
	{"https://nvcr.io/v2", nimImage, false},
	{"nvcr.io/nim", nimImage, true},
	{"nvcr.io/nim/", nimImage, true},
	{"nvcr.io/nim/meta", nimImage, true},
	{"NVCR.IO", nimImage, false},
	{"nvcr.io/NIM", nimImage, false},
	{"HTTPS://nvcr.io", nimImage, false},
	{"oci://nvcr.io", nimImage, false},
	{"oci://nvcr.io/nim", nimImage, false},
	{" nvcr.io", nimImage, false},
	{"nvcr.io ", nimImage, false},
	{"nvcr.io\n", nimImage, false},
	{"nvcr.io:443", "nvcr.io:443/nim/app", true},
	{"iad.ocir.io", ocirImage, true},
	{"iad.ocir.io/ns", ocirImage, true},
	{"*.ocir.io", ocirImage, true},
	{"https://*.ocir.io/ns/", ocirImage, true},
	{"localhost", "localhost/app", true},
	{"localhost:5000", "localhost:5000/app", true},
	{"http://registry:5000/", "registry:5000/app", true},
	{"10.0.0.1:5000", "10.0.0.1:5000/app", true},
	{"[::1]:5000", "[::1]:5000/app", true},
}
