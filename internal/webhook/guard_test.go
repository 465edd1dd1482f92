package webhook

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/kohorte/kohorte/internal/store"
)

func TestGuard(t *testing.T) {
	for _, g := range []struct {
		addresses       string
		public, private bool // whether it may be dialled
	}{
		{"1.1.1.1 93.184.216.34 172.15.255.255 172.32.0.0 100.63.255.255 100.128.0.0 2606:4700::1111 2a00:1450::1 ::ffff:1.1.1.1 64:ff9b::101:101", true, true},
		{"127.0.0.1 127.9.9.9 10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 169.254.1.1 100.64.0.1 100.127.255.255 192.0.0.1 192.0.2.1", false, true},
		{"198.18.0.1 198.51.100.1 203.0.113.1 240.0.0.1 192.88.99.1", false, true},
		{"::1 fe80::1 fc00::1 fd12::1 fec0::1 2001:db8::1 2002:7f00:1:: 2001:0:1::1 ::127.0.0.1 64:ff9b:1::1 100::1 3fff::1 4000::1", false, true},
		{"::ffff:127.0.0.1 ::ffff:10.0.0.1 64:ff9b::7f00:1 64:ff9b::a00:1 fe80::1%eth0", false, true},
		{"0.0.0.0 0.1.2.3 224.0.0.1 239.255.255.255 255.255.255.255 169.254.169.254 100.100.100.200 ::ffff:169.254.169.254", false, false},
		{":: ff02::1 fd00:ec2::254 64:ff9b::a9fe:a9fe ::ffff:0.0.0.0 ff02::1%eth0", false, false},
	} {
		for _, text := range strings.Fields(g.addresses) {
			addr := netip.MustParseAddr(text)
			if err := (guard{}).check(addr); (err == nil) != g.public {
				t.Errorf("%s: %v", text, err)
			}
			if err := (guard{private: true}).check(addr); (err == nil) != g.private {
				t.Errorf("%s, private: %v", text, err)
			}
		}
	}
	if (guard{private: true}).control("tcp", "not an address", nil) == nil {
		t.Error("dials what it cannot read")
	}
}

// TestPrivateAddresses calls a real server by names and addresses of this machine.
func TestPrivateAddresses(t *testing.T) {
	url := receiver(t, func(http.ResponseWriter, *http.Request) {})
	_, port, err := net.SplitHostPort(strings.TrimPrefix(url, "http://"))
	must(t, err)
	c := newClient(5 * time.Second)
	defer c.close()
	for _, host := range []string{"127.0.0.1", "localhost", "[::ffff:127.0.0.1]"} {
		hook := store.Webhook{URL: "http://" + host + ":" + port}
		if a := c.post(context.Background(), &hook, http.Header{}, nil); a.status != 0 || !strings.Contains(a.failure, "not a public address") {
			t.Errorf("%s: %+v", host, a)
		}
		hook.Private = true
		if a := c.post(context.Background(), &hook, http.Header{}, nil); a.status != 200 {
			t.Errorf("%s, private: %+v", host, a)
		}
	}
}

// TestNoProxy sets a proxy, which could call any address in our place.
func TestNoProxy(t *testing.T) {
	proxied := receiver(t, func(http.ResponseWriter, *http.Request) { t.Error("asked the proxy") })
	t.Setenv("HTTP_PROXY", proxied)
	t.Setenv("http_proxy", proxied)
	c := newClient(5 * time.Second)
	defer c.close()
	for _, to := range []*http.Client{c.public, c.private} {
		if transport, ok := to.Transport.(*http.Transport); !ok || transport.Proxy != nil || to.Jar != nil {
			t.Error("there is a proxy or a jar of cookies")
		}
	}
	hook := store.Webhook{URL: "http://does-not-exist.invalid/token"}
	if a := c.post(context.Background(), &hook, http.Header{}, nil); a.status != 0 || a.failure == "" || strings.Contains(a.failure, "token") {
		t.Errorf("got %+v", a)
	}
}
