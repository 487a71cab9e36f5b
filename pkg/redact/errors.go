package redact

// Error returns err without the values in its text, or err itself if it contains none. The
// result wraps err, for errors.As; callers must not print what they unwrap.
func (r *Redactor) Error(err error) error {
	if err == nil {
		return nil
	}
	return Reworded(err, r.Text(err.Error()))
}

// Reworded returns an error that prints text and wraps err, or err itself if it prints the
// same text.
func Reworded(err error, text string) error {
	if err.Error() == text {
		return err
	}
	return reworded{err, text}
}

type reworded struct {
	error
	text string
}

func (e reworded) Error() string { return e.text }

func (e reworded) Unwrap() error { return e.error }
