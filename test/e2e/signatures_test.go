package e2e

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// signatures are what a failure says about the log of a signature.
var signatures = map[string]struct{ cause, line, fix, key string }{
	"cuda-out-of-memory": {
		"the model does not fit into GPU memory",
		"torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 22.03 GiB",
		"request more GPUs and set --tensor-parallel-size, use a quantized model, or reduce --max-model-len",
		"recipe_nvidia_gpu_count",
	},
	"max-model-len-exceeds-memory": {
		"the context length does not fit into the remaining GPU memory",
		"ValueError: To serve at least one request with the models's max seq len (131072)",
		"set --max-model-len 18432, or request more GPUs and set --tensor-parallel-size",
		"recipe_container_command_args",
	},
	"huggingface-gated-model": {
		"the token's account has no access to the gated model acme/chat-8b",
		"Make sure to have access to it at https://huggingface.co/acme/chat-8b.",
		"accept the license at https://huggingface.co/acme/chat-8b with the token's account",
		"recipe_environment_secrets",
	},
	"ngc-authentication-failed": {
		"NGC does not accept the API key of the container",
		"Error while downloading manifest: Authentication Error",
		"set NGC_API_KEY from a Secret to a personal key (nvapi-) with access to the model",
		"recipe_environment_secrets",
	},
	"shared-memory-too-small": {
		"/dev/shm is too small",
		"Error: failed to extend /dev/shm/nccl-Xy3abc to 33030532 bytes, error: No space left on device (28)",
		"raise the shared memory of the recipe to at least 1024 MB per GPU",
		"recipe_shared_memory_volume_size_limit_in_mb",
	},
}

// TestSignatures deploys pods that crash with the log of a signature. The failure names the
// cause with its line, the fix and the line of the recipe, and not the memory of the container.
func TestSignatures(t *testing.T) {
	t.Parallel()
	for id, s := range signatures {
		t.Run(id, func(t *testing.T) {
			t.Parallel()
			l := newLane(t)
			r := newRegistry(t)
			l.applySecrets(pullSecret(r, password), apiSecret("API_KEY", apiKey))
			log, err := os.ReadFile(filepath.Join("../../pkg/signature/testdata", id+".log"))
			if err != nil {
				t.Fatal(err)
			}
			file := l.file("app.json", service(r.push(appImage(t)), printsKey(object{
				"recipe_container_command_args":                []string{"crash", string(log), "1"},
				"recipe_container_memory_size":                 1,
				"recipe_nvidia_gpu_count":                      1,
				"recipe_shared_memory_volume_size_limit_in_mb": 64,
			})))
			p := l.run("deploy", file)
			if p.code != 1 {
				t.Errorf("exit code %d", p.code)
			}
			for _, words := range []string{
				fmt.Sprintf("cause:   %s (%s)", s.cause, id), s.line, "hint: " + s.fix,
				fmt.Sprintf("recipe:  %s:%d:3 (%s)", file, lineOf(t, file, s.key), s.key),
			} {
				if _, ok := p.says(words); !ok {
					t.Errorf("does not say %q", words)
				}
			}
			if _, ok := p.says("recipe_container_memory_size"); ok {
				t.Error("blames the memory of the container")
			}
			if t.Failed() || testing.Verbose() {
				t.Logf("stderr:\n%s", p)
			}
		})
	}
}

// lineOf returns the line of a key in a JSON file.
func lineOf(t *testing.T, file, key string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, _, found := bytes.Cut(text, []byte(`"`+key+`"`))
	if !found {
		t.Fatalf("%s has no key %s", file, key)
	}
	return bytes.Count(before, []byte("\n")) + 1
}
