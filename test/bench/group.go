package main

import "encoding/json"

// named is a recipe under another name.
func named(text []byte, name string) ([]byte, error) {
	var recipe map[string]any
	if err := json.Unmarshal(text, &recipe); err != nil {
		return nil, err
	}
	recipe["deployment_name"] = name
	return json.Marshal(recipe)
}

// writeGroup writes a deployment group whose members form a chain.
func writeGroup(path string, members int) error {
	type variable struct {
		Key   string `json:"key"`
		Value string `json:"value"`
	}
	type recipe struct {
		Mode  string     `json:"recipe_mode"`
		Name  string     `json:"deployment_name"`
		Image string     `json:"recipe_image_uri"`
		Port  int        `json:"recipe_container_port"`
		Env   []variable `json:"recipe_container_env"`
	}
	type member struct {
		Name    string   `json:"name"`
		Exports []string `json:"exports"`
		Recipe  recipe   `json:"recipe"`
	}
	return writeList(path, `{"deployment_group": {"name": "chain", "deployments": [`, members, func(i int) any {
		r := recipe{Mode: "service", Name: secretName(i), Image: "docker.io/hashicorp/http-echo:1.0", Port: 5678, Env: []variable{}}
		if i > 0 {
			r.Env = append(r.Env, variable{"NEXT", "http://${" + secretName(i-1) + ".internal_dns_name}"})
		}
		return member{Name: secretName(i), Exports: []string{"internal_dns_name"}, Recipe: r}
	}, "]}}\n")
}
