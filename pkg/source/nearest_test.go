package source

import "testing"

func TestNearest(t *testing.T) {
	t.Parallel()
	keys := []string{"name", "action", "type", "data", "registry_server", "recipe_container_port"}
	tests := []struct{ word, want string }{
		{"name", "name"},
		{"naem", "name"}, // swapped
		{"nam", "name"},
		{"names", "name"},
		{"tpye", "type"},
		{"ACTION", "action"},
		{"registryServer", "registry_server"},
		{"registry-server", "registry_server"},
		{"container_port", "recipe_container_port"},
		{"datä", "data"},
		{"x", ""},
		{"", ""},
		{"kind", ""},
		{"metadata", ""},
		{"replica_count", ""},
	}
	for _, tt := range tests {
		if got := Nearest(tt.word, keys); got != tt.want {
			t.Errorf("Nearest(%q) = %q, want %q", tt.word, got, tt.want)
		}
	}
}

func TestNearestTakesTheNearerThenTheFirst(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		candidates []string
		want       string
	}{
		{[]string{"creation", "create"}, "create"},
		{[]string{"created", "creates"}, "created"},
		{[]string{"y", "z"}, ""},
		{nil, ""},
	} {
		if got := Nearest("create", tt.candidates); got != tt.want {
			t.Errorf("Nearest(create, %q) = %q, want %q", tt.candidates, got, tt.want)
		}
	}
}

func TestDistance(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "abc", 3}, {"abc", "abc", 0},
		{"kitten", "sitting", 3}, {"ab", "ba", 1}, {"ca", "abc", 3},
	} {
		if got := distance([]rune(tt.a), []rune(tt.b)); got != tt.want {
			t.Errorf("distance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
	}
}
