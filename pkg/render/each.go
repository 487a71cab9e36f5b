package render

import (
	"runtime"

	"golang.org/x/sync/errgroup"
)

// each calls do for every index below n, in chunks and on all processors.
func each(n, chunk int, do func(i int)) {
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for start := 0; start < n; start += chunk {
		group.Go(func() error {
			for i := start; i < min(start+chunk, n); i++ {
				do(i)
			}
			return nil
		})
	}
	_ = group.Wait() // no call returns an error
}
