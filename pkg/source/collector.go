package source

// MaxErrors is the number of errors of one file that a Collector keeps. It bounds the
// cost of files with very many errors.
const MaxErrors = 100

// Collector collects the errors of one file. It keeps the first MaxErrors and counts the
// rest. The zero value is ready to use.
type Collector struct {
	kept    Errors
	omitted int
}

// Add keeps or counts errors.
func (c *Collector) Add(errs ...*Error) {
	for _, e := range errs {
		switch {
		case e.Omitted > 0:
			c.omitted += e.Omitted
		case !c.Skip():
			c.kept = append(c.kept, e)
		}
	}
}

// Skip reports whether the Collector is full. If so, it counts one error, so that the
// caller need not create it.
func (c *Collector) Skip() bool {
	full := len(c.kept) >= MaxErrors
	if full {
		c.omitted++
	}
	return full
}

// Len returns the number of errors, kept and counted.
func (c *Collector) Len() int { return len(c.kept) + c.omitted }

// Errors returns the errors in the order of the file. The last one represents the omitted
// ones, if there are any.
func (c *Collector) Errors() Errors {
	if c.omitted == 0 {
		_ = c.kept.Sorted()
		return c.kept
	}
	rest := &Error{File: c.kept[0].File, Omitted: c.omitted, Message: moreErrors(c.omitted)}
	all := append(c.kept[:len(c.kept):len(c.kept)], rest)
	_ = all.Sorted()
	return all
}

// Err returns the errors in the order of the file, or nil if there are none.
func (c *Collector) Err() error { return c.Errors().Sorted() }

func moreErrors(n int) string { return "and " + Count(n, "more error") }
