package webhook

import (
	"fmt"
	"net/netip"
	"syscall"
)

// guard looks at the address that is about to be dialled, after names were
// resolved: what a name means can change between a check and the call.
type guard struct{ private bool }

// control is for net.Dialer.Control.
func (g guard) control(_, address string, _ syscall.RawConn) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("the address %s cannot be read", address)
	}
	return g.check(at.Addr())
}

func (g guard) check(addr netip.Addr) error {
	addr = embedded(addr.WithZone("").Unmap())
	switch {
	case within(never, addr):
		return fmt.Errorf("%s is no address of a receiver", addr)
	case !g.private && !public(addr):
		return fmt.Errorf("%s is not a public address: allow private addresses for the webhook if this is wanted", addr)
	}
	return nil
}

// never are addresses at which no receiver can be, also in a private network:
// everybody at once, nobody, and the services of clouds that hand out credentials.
var never = prefixes(
	"0.0.0.0/8", "224.0.0.0/4", "255.255.255.255/32", "169.254.169.254/32", "169.254.170.2/32", "100.100.100.200/32", "192.0.0.192/32",
	"::/128", "ff00::/8", "fd00:ec2::254/128", "fd20:ce::254/128",
)

// special4 are the ranges of IPv4 that are not public.
var special4 = prefixes(
	"10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
	"192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
)

// Of IPv6 all that is public today lies in 2000::/3; these parts of it are not,
// among them tunnels whose addresses hold another one.
var (
	global6  = netip.MustParsePrefix("2000::/3")
	special6 = prefixes("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
	nat64    = netip.MustParsePrefix("64:ff9b::/96")
)

func public(addr netip.Addr) bool {
	if addr.Is4() {
		return !within(special4, addr)
	}
	return global6.Contains(addr) && !within(special6, addr)
}

// embedded gives the address of IPv4 that a translator would call.
func embedded(addr netip.Addr) netip.Addr {
	if !nat64.Contains(addr) {
		return addr
	}
	bytes := addr.As16()
	return netip.AddrFrom4([4]byte(bytes[12:]))
}

func within(list []netip.Prefix, addr netip.Addr) bool {
	for _, p := range list {
		if p.Contains(addr) {
			return true
		}
	}
	return false
}

func prefixes(texts ...string) []netip.Prefix {
	list := make([]netip.Prefix, len(texts))
	for i, text := range texts {
		list[i] = netip.MustParsePrefix(text)
	}
	return list
}
