package main

import (
	"bytes"
	"crypto/ecdsa"
	_ "embed"
	"errors"
	"fmt"
	"strings"
	"text/template"
)

//go:embed formula.rb
var formulaTemplate string

//go:embed install.sh
var installTemplate string

// formula returns the Homebrew formula of a version.
func formula(m *manifest, version string) ([]byte, error) {
	type download struct{ CPU, URL, Sum string }
	systems := map[string][]download{}
	for _, p := range m.platforms {
		cpu := map[string]string{"amd64": "intel", "arm64": "arm"}[p.arch]
		if system := map[string]string{"darwin": "macos", "linux": "linux"}[p.os]; system != "" {
			systems[system] = append(systems[system], download{cpu, p.uri.Value, p.sum.Value})
		}
	}
	var out bytes.Buffer
	err := template.Must(template.New("formula.rb").Parse(formulaTemplate)).Execute(&out, map[string]any{
		"Version": strings.TrimPrefix(version, "v"), "Systems": systems,
	})
	if err != nil {
		return nil, fmt.Errorf("writing the formula: %w", err)
	}
	return out.Bytes(), nil
}

// installScript returns install.sh for a version, with the key that verifies its
// signature.
func installScript(version string, key *ecdsa.PrivateKey) ([]byte, error) {
	script, err := replaceLine(installTemplate, "version=latest", "version="+version)
	if err != nil || key == nil {
		return []byte(script), err
	}
	public, err := publicKey(key)
	if err != nil {
		return nil, err
	}
	script, err = replaceLine(script, "public_key=", "public_key='"+public+"'")
	return []byte(script), err
}

func replaceLine(text, line, by string) (string, error) {
	if strings.Count(text, "\n"+line+"\n") != 1 {
		return "", errors.New("install.sh must have one line " + line)
	}
	return strings.Replace(text, "\n"+line+"\n", "\n"+by+"\n", 1), nil
}
