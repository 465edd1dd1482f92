package postgres

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// conn speaks the part of PostgreSQL's protocol that the benchmark needs: queries
// as text with rows as text, and COPY. That saves a dependency for one program.
type conn struct {
	net.Conn
	r   *bufio.Reader
	w   *bufio.Writer
	buf []byte
}

func connect(socket string) (*conn, error) {
	plain, err := net.Dial("unix", socket)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: plain, r: bufio.NewReaderSize(plain, 1<<16), w: bufio.NewWriterSize(plain, 1<<16)}
	const version = 3 << 16
	hello := "user\x00postgres\x00database\x00postgres\x00\x00"
	head := binary.BigEndian.AppendUint32(nil, uint32(8+len(hello)))
	head = binary.BigEndian.AppendUint32(head, version)
	_, err = c.w.Write(append(head, hello...))
	if err == nil {
		err = c.answer(nil, nil)
	}
	if err != nil {
		return nil, errors.Join(err, plain.Close())
	}
	return c, nil
}

func (c *conn) close() error {
	return errors.Join(c.send('X', nil), c.w.Flush(), c.Close())
}

func (c *conn) send(kind byte, body []byte) error {
	var head [5]byte
	head[0] = kind
	binary.BigEndian.PutUint32(head[1:], uint32(4+len(body)))
	if _, err := c.w.Write(head[:]); err != nil {
		return err
	}
	_, err := c.w.Write(body)
	return err
}

// query runs SQL, of several statements too, and gives each row; nil is NULL.
// What row gets may not be kept.
func (c *conn) query(sql string, row func(values [][]byte) error) error {
	if err := c.send('Q', append([]byte(sql), 0)); err != nil {
		return err
	}
	return c.answer(row, nil)
}

// exec runs SQL without rows.
func (c *conn) exec(sql ...string) error {
	for _, s := range sql {
		if err := c.query(s, nil); err != nil {
			return fmt.Errorf("%w\n%s", err, s)
		}
	}
	return nil
}

// copy fills a table with lines of COPY's text format.
func (c *conn) copy(table string, lines []byte) error {
	if err := c.send('Q', []byte("COPY "+table+" FROM STDIN\x00")); err != nil {
		return err
	}
	return c.answer(nil, lines)
}

// answer reads until the server is ready again, and sends the lines when it asks for them.
func (c *conn) answer(row func([][]byte) error, lines []byte) error {
	if err := c.w.Flush(); err != nil {
		return err
	}
	var failed error
	for {
		kind, body, err := c.receive()
		if err != nil {
			return errors.Join(failed, err)
		}
		switch kind {
		case 'Z':
			return failed
		case 'E':
			failed = errors.Join(failed, errors.New("PostgreSQL: "+message(body)))
		case 'D':
			if row != nil && failed == nil {
				failed = row(values(body))
			}
		case 'G':
			err = errors.Join(c.send('d', lines), c.send('c', nil), c.w.Flush())
		case 'R':
			if binary.BigEndian.Uint32(body) != 0 {
				err = errors.New("PostgreSQL wants a password")
			}
		}
		if err != nil {
			return err
		}
	}
}

func (c *conn) receive() (kind byte, body []byte, err error) {
	var head [5]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return 0, nil, err
	}
	n := int(binary.BigEndian.Uint32(head[1:])) - 4
	if n > cap(c.buf) {
		c.buf = make([]byte, n)
	}
	body = c.buf[:n]
	_, err = io.ReadFull(c.r, body)
	return head[0], body, err
}

// values takes a row apart.
func values(body []byte) [][]byte {
	n := int(binary.BigEndian.Uint16(body))
	body = body[2:]
	all := make([][]byte, n)
	for i := range all {
		length := int32(binary.BigEndian.Uint32(body))
		body = body[4:]
		if length >= 0 {
			all[i], body = body[:length], body[length:]
		}
	}
	return all
}

// message is the text of an error.
func message(body []byte) string {
	for field := range strings.SplitSeq(string(body), "\x00") {
		if strings.HasPrefix(field, "M") {
			return field[1:]
		}
	}
	return "an error without a message"
}
