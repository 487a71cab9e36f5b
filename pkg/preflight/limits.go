package preflight

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/field"
	"github.com/kubectl-blueprint/kubectl-blueprint/pkg/hint"
)

// missing matches a resource that a quota requires and the containers that do not
// specify it: "limits.cpu for: main,copy".
var missing = regexp.MustCompile(`([a-z0-9./-]+) for: ([a-z0-9,-]+)`)

// needsLimits sets the fix for a quota that requires limits. A recipe sets only the
// limits of the main container.
func (f *Finding) needsLimits(p *pod) {
	for _, match := range missing.FindAllStringSubmatch(f.What, -1) {
		if slices.Contains(strings.Split(match[2], ","), p.spec.Containers[0].Name) {
			f.set(amount(corev1.ResourceName(match[1])))
		}
	}
	f.Fix.Text = "add a LimitRange with defaults to the namespace"
	if len(f.Set) > 0 {
		f.Fix.Text = "set " + keysWord + ", or " + f.Fix.Text
	}
}

// set adds a resource to set. The first one is the position of the finding.
func (f *Finding) set(name corev1.ResourceName) {
	amount := field.Resource(string(name))
	if len(f.Set) == 0 {
		f.Field, f.Values = amount, values(name)
	}
	if !slices.Contains(f.Set, amount) {
		f.Set = append(f.Set, amount)
	}
}

// The messages of LimitRange admission: "maximum memory usage per Container is 64Gi,
// but limit is 96Gi", "cpu max limit to request ratio per Pod is 2".
var (
	outOfRange = regexp.MustCompile(`(maximum|minimum) (\S+) usage per (Container|Pod) is (\w+(?:\.\w+)?)`)
	ratio      = regexp.MustCompile(`(\S+) max limit to request ratio per (Container|Pod) is (\w+(?:\.\w+)?)`)
)

// limitRange adds the LimitRange that rejects a pod, and the fix.
func (f *Finding) limitRange(ranges []corev1.LimitRange, namespace string) {
	var names []string
	blames := func(kind, name, bound string, limits func(corev1.LimitRangeItem) corev1.ResourceList) {
		f.set(corev1.ResourceName(name))
		for _, r := range ranges {
			if !slices.Contains(names, r.Name) && slices.ContainsFunc(r.Spec.Limits, func(item corev1.LimitRangeItem) bool {
				limit, ok := limits(item)[corev1.ResourceName(name)]
				return string(item.Type) == kind && ok && limit.String() == bound
			}) {
				names = append(names, r.Name)
			}
		}
	}
	for _, m := range outOfRange.FindAllStringSubmatch(f.What, -1) {
		blames(m[3], m[2], m[4], func(item corev1.LimitRangeItem) corev1.ResourceList {
			if m[1] == "minimum" {
				return item.Min
			}
			return item.Max
		})
	}
	for _, m := range ratio.FindAllStringSubmatch(f.What, -1) {
		blames(m[2], m[1], m[3], func(item corev1.LimitRangeItem) corev1.ResourceList { return item.MaxLimitRequestRatio })
	}
	slices.Sort(f.Set) // the server lists them in any order
	slices.Sort(names)
	f.Fix = hint.Hint{Text: "change " + keysWord + " to fit the limits", Command: hint.Kubectl("describe", "limitranges", "-n", namespace)}
	if len(names) > 0 {
		f.What = strings.Replace(f.What, rejected, rejected+" by LimitRange "+quoted(names), 1)
	}
}

// claimLimits returns the claims whose size a LimitRange rejects.
func (r *run) claimLimits(context.Context) ([]Finding, error) {
	wanted := r.wantedClaims()
	if len(wanted) == 0 {
		return nil, nil
	}
	ranges, err := r.limitRanges()
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, c := range wanted {
		for _, of := range ranges {
			for _, item := range of.Spec.Limits {
				if words := c.beyond(item); words != "" {
					f := c.finding
					f.Severity, f.Rule = Error, ruleLimitRange
					f.What = fmt.Sprintf("size rejected by LimitRange %q: %s", of.Name, words)
					f.Fix = hint.Hint{Text: "change " + c.setting(&f) + " to fit the limits", Command: hint.Kubectl("describe", "limitrange", of.Name, "-n", r.Namespace)}
					findings = append(findings, f)
				}
			}
		}
	}
	return findings, nil
}

// setting returns what sets the size of the claim. For ephemeral claims it returns no
// key, because several keys create them.
func (c claim) setting(f *Finding) string {
	if c.name == "" {
		return "its size"
	}
	f.Set = []field.Path{f.Field}
	return keysWord
}

// beyond returns how the size of the claim violates a range, with the message of the
// server, or "".
func (c claim) beyond(item corev1.LimitRangeItem) string {
	if item.Type != corev1.LimitTypePersistentVolumeClaim {
		return ""
	}
	size := c.spec.Resources.Requests[corev1.ResourceStorage]
	words := func(bound string, limit resource.Quantity) string {
		return fmt.Sprintf("%s storage usage per PersistentVolumeClaim is %s, but request is %s", bound, limit.String(), size.String())
	}
	if limit, ok := item.Max[corev1.ResourceStorage]; ok && size.Cmp(limit) > 0 {
		return words("maximum", limit)
	}
	if limit, ok := item.Min[corev1.ResourceStorage]; ok && size.Cmp(limit) < 0 {
		return words("minimum", limit)
	}
	return ""
}
