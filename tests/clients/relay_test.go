//go:build clients

package clients

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"net/http"
	"sync"
	"testing"
)

// relay stands between a client and the server and passes every byte on as it
// is. It sees what the client sends, and can make the network fail.
type relay struct {
	address, target string
	// faults is asked about each request before it is passed on; may be nil.
	faults func(*http.Request) fault

	mu       sync.Mutex
	listener net.Listener
	clients  map[net.Conn]bool // those that are connected
	requests []sent
	answered int
	closed   bool
}

// sent is a request that a client sent. Its body is as it was on the wire.
type sent struct {
	*http.Request
	body []byte
}

// A fault is what happens to a request.
type fault struct {
	// passing runs while the server has the request and has not answered; may be nil.
	passing func()
	// cut breaks the connection instead of passing the answer on.
	cut bool
}

func newRelay(t *testing.T, target string, faults func(*http.Request) fault) *relay {
	t.Helper()
	r := &relay{address: "127.0.0.1:0", target: target, faults: faults, clients: map[net.Conn]bool{}}
	must(t, r.open())
	t.Cleanup(r.close)
	return r
}

// open takes connections, from the second time on at the address of the first.
func (r *relay) open() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil
	}
	listener, err := net.Listen("tcp", r.address)
	if err != nil {
		return err
	}
	r.listener, r.address = listener, listener.Addr().String()
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			go r.serve(client)
		}
	}()
	return nil
}

// refuse turns connections away until open is called again.
func (r *relay) refuse() {
	r.mu.Lock()
	defer r.mu.Unlock()
	_ = r.listener.Close() // of no consequence
}

// drop breaks all connections off, as those of a program that ends.
func (r *relay) drop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for client := range r.clients {
		reset(client)
	}
}

func (r *relay) close() {
	r.refuse()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
}

// serve passes requests and answers on until one of both sides is gone.
func (r *relay) serve(client net.Conn) {
	r.connected(client, true)
	defer func() {
		r.connected(client, false)
		reset(client)
	}()
	target, err := net.Dial("tcp", r.target)
	if err != nil {
		return
	}
	defer reset(target)
	var asked, answered bytes.Buffer
	fromClient := bufio.NewReader(io.TeeReader(client, &asked))
	fromTarget := bufio.NewReader(io.TeeReader(target, &answered))
	for {
		asked.Reset()
		answered.Reset()
		request, err := http.ReadRequest(fromClient)
		if err != nil {
			return
		}
		body, err := io.ReadAll(request.Body)
		if err != nil {
			return
		}
		what := r.note(sent{request, body})
		_, err = target.Write(asked.Bytes())
		if what.passing != nil {
			what.passing()
		}
		if err != nil {
			return
		}
		response, err := http.ReadResponse(fromTarget, request)
		if err != nil {
			return
		}
		if _, err := io.Copy(io.Discard, response.Body); err != nil || what.cut {
			return
		}
		if _, err := client.Write(answered.Bytes()); err != nil {
			return
		}
		r.count()
		if response.Close {
			return
		}
	}
}

func (r *relay) connected(client net.Conn, now bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.clients[client] = true; !now {
		delete(r.clients, client)
	}
}

func (r *relay) note(s sent) fault {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests = append(r.requests, s)
	if r.faults == nil {
		return fault{}
	}
	return r.faults(s.Request)
}

// reset breaks a connection off, so that the other side learns of it at once.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a connection that ends in another way is as good
	}
	_ = c.Close()
}

func (r *relay) count() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.answered++
}

// lost tells how many requests were passed on, but not their answers.
func (r *relay) lost() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.requests) - r.answered
}

// seen gives the requests so far.
func (r *relay) seen() []sent {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]sent(nil), r.requests...)
}
