package ask

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// chunk is one event of a streamed answer, or a whole answer.
type chunk struct {
	Choices []struct {
		Delta        part   `json:"delta"`
		Message      part   `json:"message"` // of a whole answer
		FinishReason string `json:"finish_reason"`
	} `json:"choices"`
	Usage *struct {
		Prompt     int `json:"prompt_tokens"`
		Completion int `json:"completion_tokens"`
		Total      int `json:"total_tokens"`
	} `json:"usage"`
	Error json.RawMessage `json:"error"`
}

// part is a part of an answer. Models that reason first send that as another text, which is
// not part of the answer.
type part struct {
	Content          string `json:"content"`
	Reasoning        string `json:"reasoning"`
	ReasoningContent string `json:"reasoning_content"`
}

// reader reads an answer.
type reader struct {
	begin       time.Time
	first, last time.Time // of the tokens
	print       func(string) error
	text        strings.Builder
	answer      Answer
}

var errCut = errors.New("the answer ended early: the connection was closed")

// stream reads server-sent events until [DONE].
func (r *reader) stream(body io.Reader) error {
	lines := bufio.NewScanner(body)
	lines.Buffer(nil, maxBody)
	for lines.Scan() {
		data, found := bytes.CutPrefix(lines.Bytes(), []byte("data:"))
		if !found { // a comment, or the empty line after an event
			continue
		}
		if data = bytes.TrimSpace(data); string(data) == "[DONE]" {
			return r.complete()
		}
		if err := r.add(data); err != nil {
			return err
		}
	}
	if err := lines.Err(); err != nil {
		return fmt.Errorf("the answer ended early: %w", err)
	}
	return r.complete()
}

// whole reads an answer that is not streamed.
func (r *reader) whole(body io.Reader) error {
	data, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	if err := r.add(data); err != nil {
		return err
	}
	return r.complete()
}

// add adds a chunk to the answer.
func (r *reader) add(data []byte) error {
	var c chunk
	if err := json.Unmarshal(data, &c); err != nil {
		return errors.New("the server sent invalid JSON")
	}
	if len(c.Error) > 0 && string(c.Error) != "null" {
		message, _ := messageOf(data)
		return fmt.Errorf("the server failed: %s", message)
	}
	if u := c.Usage; u != nil {
		r.answer.Usage = &Usage{u.Prompt, u.Completion, u.Total}
	}
	for _, choice := range c.Choices {
		text := choice.Delta.Content + choice.Message.Content
		r.answer.FinishReason = cmp.Or(choice.FinishReason, r.answer.FinishReason)
		if text+choice.Delta.Reasoning+choice.Delta.ReasoningContent == "" {
			continue
		}
		r.last = time.Now()
		if r.first.IsZero() {
			r.first = r.last
		}
		r.text.WriteString(text)
		if err := r.print(text); err != nil {
			return printError{err}
		}
	}
	return nil
}

// complete returns an error if the answer is incomplete or empty.
func (r *reader) complete() error {
	switch {
	case r.answer.FinishReason == "":
		return errCut
	case r.text.Len() == 0:
		return fmt.Errorf("the model returned no text (finish reason %q)", r.answer.FinishReason)
	}
	return nil
}

// finish returns the answer with its timings. The rate leaves out the first token, which also
// takes the time of reading the prompt.
func (r *reader) finish() *Answer {
	a := &r.answer
	a.Answer = r.text.String()
	a.Timings.FirstTokenSeconds = seconds(r.first.Sub(r.begin))
	a.Timings.TotalSeconds = seconds(r.last.Sub(r.begin))
	if generating := r.last.Sub(r.first); a.Usage != nil && a.Usage.CompletionTokens > 1 && generating > 0 {
		a.Timings.TokensPerSecond = float64(int(float64(a.Usage.CompletionTokens-1)/generating.Seconds()*10+0.5)) / 10
	}
	return a
}

// seconds returns a duration in seconds, rounded to milliseconds.
func seconds(d time.Duration) float64 { return d.Round(time.Millisecond).Seconds() }

// withoutURL returns the cause of an HTTP client's error: users know no URL of the tunnel.
func withoutURL(err error) error {
	var e *url.Error
	if errors.As(err, &e) {
		return e.Err
	}
	return err
}
