package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"github.com/kohorte/kohorte/internal/store"
)

const (
	defaultTimeout = 15 * time.Second
	maxAnswer      = 64 << 10 // bytes of a body that are read, so that the connection can be used again
	maxFailure     = 300      // bytes of a message about a failure
)

// client posts messages. It follows no redirects, keeps no cookies, and uses no
// proxy of the environment, which would dial in its place.
type client struct {
	public, private *http.Client
	timeout         time.Duration // of a whole request
}

func newClient(timeout time.Duration) *client {
	return &client{public: newHTTP(guard{}), private: newHTTP(guard{private: true}), timeout: timeout}
}

func newHTTP(g guard) *http.Client {
	dialer := &net.Dialer{Timeout: 10 * time.Second, Control: g.control}
	return &http.Client{
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, ForceAttemptHTTP2: true,
			MaxIdleConnsPerHost: 8, MaxIdleConns: 100, IdleConnTimeout: time.Minute,
			MaxResponseHeaderBytes: 64 << 10, DisableCompression: true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (c *client) close() {
	c.public.CloseIdleConnections()
	c.private.CloseIdleConnections()
}

// post sends a payload to a webhook and tells what came of it.
func (c *client) post(ctx context.Context, hook *store.Webhook, header http.Header, payload []byte) answer {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(payload))
	if err != nil {
		return answer{failure: "the address cannot be read"}
	}
	request.Header = header
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Kohorte")
	to := c.public
	if hook.Private {
		to = c.private
	}
	response, err := to.Do(request)
	if err != nil {
		return answer{failure: c.failure(ctx, err)}
	}
	defer response.Body.Close()
	_, _ = io.CopyN(io.Discard, response.Body, maxAnswer) // the status says it all
	return answer{status: response.StatusCode, retryAfter: response.Header.Get("Retry-After")}
}

// failure says why there was no answer, without the address: it may hold a token.
func (c *client) failure(ctx context.Context, err error) string {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return fmt.Sprintf("no answer within %s", c.timeout)
	}
	if wrapped := new(url.Error); errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	text := err.Error()
	return text[:min(len(text), maxFailure)]
}
