package node

import (
	"fmt"
	"testing"

	"k8s.io/apimachinery/pkg/types"
)

func TestAddressesAreUniqueAndComeBack(t *testing.T) {
	t.Parallel()
	a, err := newAddresses("10.0.0.0/28")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for i := range 13 { // 16 without network, gateway and broadcast
		ip, err := a.take(types.UID(fmt.Sprint(i)))
		if err != nil || seen[ip] {
			t.Fatalf("address %d: %s %v", i, ip, err)
		}
		seen[ip] = true
	}
	if ip, err := a.take("one more"); err == nil {
		t.Errorf("got %s from a full network", ip)
	}
	a.release("5")
	if ip, err := a.take("next"); err != nil || ip != "10.0.0.7" {
		t.Errorf("the freed address: %s %v", ip, err)
	}
	if seen["10.0.0.0"] || seen["10.0.0.1"] || seen["10.0.0.15"] {
		t.Errorf("addresses: %v", seen)
	}
}

func TestAddressesNeedANetwork(t *testing.T) {
	t.Parallel()
	if _, err := newAddresses("10.0.0.0"); err == nil {
		t.Error("no error")
	}
}

func TestRepositoryDropsTagAndDigest(t *testing.T) {
	t.Parallel()
	for image, want := range map[string]string{
		"nginx":                   "nginx",
		"nginx:1":                 "nginx",
		"example.com:5000/a/b":    "example.com:5000/a/b",
		"example.com:5000/a/b:c":  "example.com:5000/a/b",
		"a/b:c@sha256:0123456789": "a/b",
	} {
		if got := repository(image); got != want {
			t.Errorf("%s: got %s", image, got)
		}
	}
}
