package store

import (
	"github.com/kohorte/kohorte/internal/store/lite"
)

// dictionary gives small numbers to names.
type dictionary struct {
	table string
	ids   map[string]int64
}

func loadDictionary(conn *lite.Conn, table string) (dictionary, error) {
	d := dictionary{table: table, ids: map[string]int64{}}
	q := conn.Query("SELECT id, name FROM " + table)
	for q.Next() {
		d.ids[q.Text(1)] = q.Int(0)
	}
	return d, q.Close()
}

// id gives the number of a name; a new name gets the next one.
func (d *dictionary) id(w *writer, name string) (int64, error) {
	if id, ok := d.ids[name]; ok {
		return id, nil
	}
	id := int64(len(d.ids)) + 1
	if err := w.conn.Run("INSERT INTO "+d.table+" (id, name) VALUES (?, ?)", id, name); err != nil {
		return 0, err
	}
	w.written = true
	d.ids[name] = id
	return id, nil
}

// topic is what a consent is about.
type topic struct{ channel, purpose string }

func (w *writer) topicID(t topic) (int64, error) {
	if id, ok := w.topics[t]; ok {
		return id, nil
	}
	id := int64(len(w.topics)) + 1
	if err := w.conn.Run("INSERT INTO topics (id, channel, purpose) VALUES (?, ?, ?)", id, t.channel, t.purpose); err != nil {
		return 0, err
	}
	w.written, w.unlike = true, true
	w.topics[t] = id
	return id, nil
}

func (w *writer) loadDictionaries() (err error) {
	if w.namespaces, err = loadDictionary(w.conn, "namespaces"); err != nil {
		return err
	}
	if w.sources, err = loadDictionary(w.conn, "sources"); err != nil {
		return err
	}
	w.topics = map[topic]int64{}
	q := w.conn.Query("SELECT id, channel, purpose FROM topics")
	for q.Next() {
		w.topics[topic{q.Text(1), q.Text(2)}] = q.Int(0)
	}
	return q.Close()
}
