package preflight

import (
	"path"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/registry"
)

// engine is a model server, and how it gets its model.
type engine struct {
	images  *regexp.Regexp // of its images
	program []string       // words of its command, one after the other
	options []string       // that name the model
	env     string         // the variable that names the model, "" if none does
	first   bool           // the first argument may name the model
}

// engines are the model servers. Sources: vllm/engine/arg_utils.py and
// vllm/entrypoints/cli/serve.py, sglang/srt/server_args.py, and launcher/src/main.rs of
// text-generation-inference.
var engines = []engine{
	{
		images: regexp.MustCompile(`(^|/)vllm(-|$)`), program: []string{"vllm", "serve"},
		options: []string{"--model"}, first: true,
	},
	{program: []string{"vllm.entrypoints.openai.api_server"}, options: []string{"--model"}},
	{
		images: regexp.MustCompile(`(^|/)sglang$`), program: []string{"sglang.launch_server"},
		options: []string{"--model-path", "--model"},
	},
	{program: []string{"sglang", "serve"}, options: []string{"--model-path", "--model"}, first: true},
	{
		images: regexp.MustCompile(`(^|/)text-generation-inference$`), program: []string{"text-generation-launcher"},
		options: []string{"--model-id"}, env: "MODEL_ID",
	},
}

// command is the command of a container that runs a model server.
type command struct {
	engine engine
	words  []string // the arguments of the engine, with unexpanded variables
	env    environment
}

// commandOf returns the command of a container, without its variables. It reports false if
// the container runs no known model server.
func commandOf(c corev1.Container) (command, bool) {
	words := shellWords(slices.Concat(c.Command, c.Args))
	for _, engine := range engines {
		if i := engine.starts(words); i >= 0 {
			return command{engine: engine, words: words[i:]}, true
		}
	}
	for _, engine := range engines {
		if engine.images != nil && len(c.Command) == 0 && engine.images.MatchString(registry.Repository(c.Image)) {
			return command{engine: engine, words: words}, true
		}
	}
	return command{}, false
}

// starts returns the index of the first argument after the program, or -1.
func (e engine) starts(words []string) int {
	n := len(e.program)
	for i := 0; i+n <= len(words); i++ {
		if path.Base(words[i]) == e.program[0] && slices.Equal(words[i+1:i+n], e.program[1:]) {
			return i + n
		}
	}
	return -1
}

// shell matches a shell, and script the option before its script.
var (
	shell  = regexp.MustCompile(`^(ba|da|k|z)?sh$`)
	script = regexp.MustCompile(`^-[a-z]*c$`)
)

// shellWords returns the words of a command. Of a shell, it returns the words of the script
// without quotes, which is close enough to find the options of a program.
func shellWords(words []string) []string {
	for i := 0; i+2 < len(words); i++ {
		if !shell.MatchString(path.Base(words[i])) {
			continue
		}
		for j := i + 1; j+1 < len(words); j++ {
			if script.MatchString(words[j]) {
				return strings.Fields(strings.NewReplacer("\\\n", " ", `"`, "", "'", "", ";", " ", "&&", " ").Replace(words[j+1]))
			}
		}
	}
	return words
}

// model returns the model that the engine loads.
func (c command) model() value {
	for _, name := range c.engine.options {
		if v := c.option(name); v.set {
			return v
		}
	}
	if c.engine.first && len(c.words) > 0 && !strings.HasPrefix(c.words[0], "-") {
		return c.word(c.words[0])
	}
	if c.engine.env != "" {
		return c.env.get(c.engine.env)
	}
	return value{}
}

// revision returns the revision of the model.
func (c command) revision() value {
	v := c.option("--revision")
	if !v.set && c.engine.env != "" {
		return c.env.get("REVISION")
	}
	return v
}

// token returns the token of Hugging Face and the variable that holds it.
func (c command) token() (string, value) {
	if v := c.option("--hf-token"); v.set && !strings.HasPrefix(v.text, "-") { // without a value, it is the variable's
		return "HF_TOKEN", v
	}
	if c.env.get("HF_TOKEN_PATH").set { // in a file
		return "HF_TOKEN", value{set: true, unknown: true}
	}
	name, v := c.env.first("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
	if !v.set {
		name = "HF_TOKEN"
	}
	return name, v
}

// option returns the value of an option: the next word, or the text after an equals sign.
// The last one takes precedence.
func (c command) option(name string) value {
	for i := len(c.words) - 1; i >= 0; i-- {
		given, text, joined := strings.Cut(c.words[i], "=")
		switch {
		case strings.ReplaceAll(given, "_", "-") != name:
		case joined:
			return c.word(text)
		case i+1 < len(c.words):
			return c.word(c.words[i+1])
		}
	}
	return value{}
}

// word returns the value of a word. A word that consists of a variable has its value.
func (c command) word(text string) value {
	at := setting{field.Args, []string{text}}
	if name := referenced(text); name != "" {
		v := c.env.get(name)
		v.setting, v.unknown = at, v.unknown || !v.set
		v.set = true
		return v
	}
	return value{setting: at, set: true, text: c.env.expand(text)}
}
