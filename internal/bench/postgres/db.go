package postgres

import (
	"context"
	"errors"
	"iter"
	"time"

	"github.com/valyala/fastjson"

	"github.com/kohorte/kohorte/internal/benchdata"
	"github.com/kohorte/kohorte/internal/record"
)

// DB is the generated shop in PostgreSQL. It is used by one goroutine at a time.
type DB struct {
	server   *server
	conn     *conn
	parser   fastjson.Parser
	ids      map[string]int32 // numbers of customers, from 0
	names    []string
	seq      int64             // events so far
	lines    map[string][]byte // of COPY, by table, not sent yet
	segments []segment
}

// Open starts a PostgreSQL for the segments. It gives ErrAbsent where there is none.
func Open(ctx context.Context, segments []benchdata.Segment) (_ *DB, err error) {
	d := &DB{ids: map[string]int32{}, lines: map[string][]byte{}}
	if d.segments, err = prepare(segments); err != nil {
		return nil, err
	}
	if d.server, err = start(ctx); err != nil {
		return nil, err
	}
	if d.conn, err = connect(d.server.socket()); err == nil {
		err = d.create()
	}
	if err != nil {
		return nil, errors.Join(err, d.Close())
	}
	return d, nil
}

// Close ends the server and removes its data.
func (d *DB) Close() error {
	var err error
	if d.conn != nil {
		err = d.conn.close()
	}
	return errors.Join(err, d.server.stop())
}

// CPU gives the processor time that PostgreSQL has used since it was started.
func (d *DB) CPU() (time.Duration, error) { return processorTime(d.server.command.Process.Pid) }

// Load stores the history, builds the indexes and gathers statistics.
func (d *DB) Load(records iter.Seq[record.Record]) error {
	var people []person
	for r := range records {
		id := d.id(r.Customer[0].Value)
		for int(id) >= len(people) {
			people = append(people, person{})
		}
		if err := d.take(&r, id, &people[id]); err != nil {
			return err
		}
	}
	for id := range people {
		d.add("customers", people[id].line(int32(id)))
		if err := d.sendFull("customers"); err != nil {
			return err
		}
	}
	if err := d.flush(); err != nil {
		return err
	}
	return d.index()
}

// Tidy does what PostgreSQL's autovacuum would: it removes dead rows and gathers
// statistics. Autovacuum itself is off, so that its time is nobody's.
func (d *DB) Tidy() error { return d.conn.exec("VACUUM (ANALYZE)") }

// Insert stores new records in one durable transaction, as a shop would have to
// before its segments can be recomputed.
func (d *DB) Insert(records []record.Record) error {
	if err := d.conn.exec("BEGIN"); err != nil {
		return err
	}
	known, changed := len(d.names), map[int32]*person{}
	for i := range records {
		id := d.id(records[i].Customer[0].Value)
		if changed[id] == nil && records[i].Kind != record.Track {
			changed[id] = &person{}
		}
		if err := d.take(&records[i], id, changed[id]); err != nil {
			return err
		}
	}
	for id := known; id < len(d.names); id++ {
		d.add("customers", (&person{}).line(int32(id)))
	}
	err := d.flush()
	if err == nil {
		err = d.conn.exec(updates(changed)...)
	}
	return errors.Join(err, d.conn.exec("COMMIT"))
}

// id gives the number of a customer, who may be new.
func (d *DB) id(name string) int32 {
	id, known := d.ids[name]
	if !known {
		id = int32(len(d.names))
		d.ids[name] = id
		d.names = append(d.names, name)
	}
	return id
}
