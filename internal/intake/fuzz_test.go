package intake

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/kohorte/kohorte/internal/intake/mapping"
	"github.com/kohorte/kohorte/internal/intake/table"
	"github.com/kohorte/kohorte/internal/record"
)

// FuzzImport: whatever a file is, its import ends without a panic, no row is lost, the records are sound, and
// importing it again brings no event that was not there.
func FuzzImport(f *testing.F) {
	files, err := filepath.Glob("guess/testdata/*")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		if filepath.Ext(path) != ".golden" {
			f.Add(text, byte(0))
		}
	}
	for k := range mapping.Kinds {
		f.Add([]byte("id,customer,time,event,order_id,quantity,price,total,channel,purpose,granted\n1,a,1.2.2026,x,o1,-2,\"1,50\",,email,news,ja\n2,b,x,,,,,,,,\n"), byte(k+1))
	}
	f.Fuzz(func(t *testing.T, file []byte, kind byte) {
		opt := Options{Zone: berlin, Now: now, BatchSize: 3, Memory: 100}
		if k := int(kind); k > 0 && k <= len(mapping.Kinds) {
			opt.Kind = mapping.Kinds[k-1]
		}
		sink := &memory{}
		s, aside, err := importOnce(file, opt, sink)
		if err != nil {
			return
		}
		taken := map[int]bool{}
		for _, r := range sink.records {
			taken[r.Row] = true
			soundRecord(t, r)
		}
		if s.Rejected > 0 && len(aside) == 0 || s.Rejected+s.Skipped > s.Read {
			t.Fatalf("%+v, and aside is %q", s, aside)
		}
		if s.Rejected+s.Skipped == s.Read && len(sink.records) > 0 || s.Rejected+s.Skipped < s.Read && s.Records == 0 {
			t.Fatalf("%+v with %d records", s, len(sink.records))
		}
		again, _, err := importOnce(file, opt, &memory{seen: sink.seen})
		if err != nil || again.Read != s.Read || again.Rejected != s.Rejected || again.Records != s.Records {
			t.Fatalf("%+v, and again %+v, %v", s, again, err)
		}
		for _, r := range sink.records {
			if r.Kind == record.Track && r.Key == ([16]byte{}) {
				t.Fatalf("an event without a key: %+v", r)
			}
		}
	})
}

func importOnce(file []byte, opt Options, sink Sink) (Summary, string, error) {
	in, err := Open(table.Source{Name: "fuzz", Reader: bytes.NewReader(file)})
	if err != nil {
		return Summary{}, "", err
	}
	var aside bytes.Buffer
	opt.Rejects = func(string) (io.WriteCloser, error) { return noClose{&aside}, nil }
	s, err := Import(context.Background(), in, opt, sink)
	return s, aside.String(), err
}

// soundRecord checks what the store relies on.
func soundRecord(t *testing.T, r record.Record) {
	t.Helper()
	if r.Fields != nil && (!json.Valid(r.Fields) || r.Fields[0] != '{') {
		t.Fatalf("the fields are no JSON object: %q", r.Fields)
	}
	for _, id := range append(r.Customer, r.Company) {
		if (id.Namespace == "") != (id.Value == "") {
			t.Fatalf("half an identity: %+v", r)
		}
	}
	switch {
	case r.Kind == record.Track && (r.Event == "" || r.Fields == nil),
		r.Kind == record.Group && r.Company.Value == "",
		r.Kind == record.Consent && (r.Channel == "" || r.Purpose == ""),
		r.Kind != record.Group && len(r.Customer) == 0,
		r.Row < 1 || r.Source == "":
		t.Fatalf("the record is not whole: %+v", r)
	}
}
