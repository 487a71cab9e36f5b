package render_test

import (
	"strings"
	"testing"
)

// The profiles are those of NVIDIA's MIG user guide; its device plugin
// advertises each as a resource, with a dot for the plus sign.
func TestEveryMIGProfileIsAResource(t *testing.T) {
	t.Parallel()
	c, valid := loadChart(t), validator(t)
	for profile, want := range map[string]string{
		"1g.5gb": "1g.5gb", "1g.6gb": "1g.6gb", "1g.6gb+me": "1g.6gb.me", "2g.12gb+me": "2g.12gb.me",
		"1g.10gb": "1g.10gb", "1g.10gb+me": "1g.10gb.me", "1g.10gb.me": "1g.10gb.me",
		"1g.12gb": "1g.12gb", "1g.18gb": "1g.18gb", "1g.18gb.me": "1g.18gb.me", "7g.141gb": "7g.141gb",
		"1g.23gb": "1g.23gb", "1g.23gb+me": "1g.23gb.me", "7g.180gb": "7g.180gb", "7g.269gb": "7g.269gb",
		"1g.24gb": "1g.24gb", "1g.24gb+gfx": "1g.24gb.gfx", "1g.24gb.gfx": "1g.24gb.gfx", "1g.24gb-me": "1g.24gb-me",
		"2g.48gb+me.all": "2g.48gb.me.all", "2g.48gb.me.all": "2g.48gb.me.all", "4g.96gb+gfx": "4g.96gb.gfx",
	} {
		recipe := parse(t, portless+`, "mig_resource_request": "`+profile+`"}`)
		if err := valid(recipe); err != nil {
			t.Errorf("%s: %v", profile, err)
			continue
		}
		if got := mustRender(t, c, recipe).String(); strings.Count(got, " nvidia.com/mig-"+want+": \"1\"\n") != 2 { // a limit and a request
			t.Errorf("%s: want nvidia.com/mig-%s, got:\n%s", profile, want, got)
		}
	}
	for _, profile := range []string{"", "all-1g.10gb", "mig-1g.10gb", "1c.2g.10gb", "1g.10gb+", "1g.10gb+mee", "1g.10gb me", "1g.10GB", "0g.10gb", "1g.10gb-gfx"} {
		if valid(parse(t, portless+`, "mig_resource_request": "`+profile+`"}`)) == nil {
			t.Errorf("%q: want it refused", profile)
		}
	}
}
