package index

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"unsafe"

	"github.com/kohorte/kohorte/internal/calendar"
	"github.com/kohorte/kohorte/internal/catalog"
	"github.com/kohorte/kohorte/internal/columns"
)

// format numbers the form of snapshots; another number is not read.
const format = 6

// Save writes a snapshot, atomically: a crash leaves the old one or none.
func (x *Index) Save(path string) (err error) {
	file, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = file.Close()
			_ = os.Remove(file.Name())
		}
	}()
	c := &codec{w: bufio.NewWriterSize(file, 1<<20)}
	c.index(x)
	if c.err == nil {
		c.err = c.w.Flush()
	}
	if c.err == nil {
		c.err = file.Sync()
	}
	if c.err == nil {
		c.err = file.Close()
	}
	if c.err != nil {
		return fmt.Errorf("writing the index snapshot: %w", c.err)
	}
	return os.Rename(file.Name(), path)
}

// Load reads a snapshot of a catalogue and a revision. The error tells why there
// is none that fits; the index is then built from the store.
func Load(path string, known *catalog.Catalog, zone *calendar.Zone, revision int64) (*Index, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return read(file, known, zone, revision)
}

func read(r io.Reader, known *catalog.Catalog, zone *calendar.Zone, revision int64) (*Index, error) {
	x := &Index{Schema: columns.NewSchema(known, zone), Revision: revision}
	c := &codec{r: bufio.NewReaderSize(r, 1<<20)}
	c.index(x)
	if c.err != nil {
		return nil, c.err
	}
	return x, nil
}

// index reads or writes everything; the checksum of all comes last.
func (c *codec) index(x *Index) {
	c.header(x)
	c.order(x.Schema)
	c.dictionaries(x.Schema)
	c.places(&x.Places)
	c.companies(x)
	n := c.length(len(x.Blocks))
	for i := 0; i < n && c.err == nil; i++ {
		if c.reading() {
			x.Blocks = append(x.Blocks, &columns.Block{Companies: x.Companies})
		}
		c.block(x.Schema, x.Blocks[i])
	}
	sum := int64(c.sum)
	written := sum
	c.int(&written)
	if c.err == nil && written != sum {
		c.fail(errDamaged)
	}
}

// header holds all that must fit for the rest to mean something.
func (c *codec) header(x *Index) {
	var order [8]byte
	binary.NativeEndian.PutUint64(order[:], 1)
	known := *x.Schema.Catalog
	known.Segments, known.Firms = nil, nil // they are not in the snapshot
	fields, err := json.Marshal(&known)    // maps are written in the order of their keys
	if err != nil {
		c.fail(err)
	}
	hash := sha256.New()
	_, _ = fmt.Fprintf(hash, "%d %d %d ", format, x.Revision, unsafe.Sizeof(0))
	_, _ = hash.Write(order[:])
	_, _ = hash.Write(fields)
	want := append([]byte("kohorte\n"), hash.Sum(nil)...)
	have := slices.Clone(want)
	c.bytes(have)
	if c.err == nil && !bytes.Equal(have, want) {
		c.fail(fmt.Errorf("the snapshot is of another state of the data"))
	}
}

// order is the order in which fields, events and consents are numbered: that in
// which they were first seen where the index grew.
func (c *codec) order(s *columns.Schema) {
	c.arrange(s.Attrs)
	c.arrange(s.Company)
	names := make([]string, len(s.Events))
	for i := range s.Events {
		names[i] = s.Events[i].Name
	}
	c.strings(&names)
	c.expect(s.ArrangeEvents(names))
	for i := range s.Events {
		c.arrange(s.Events[i].Fields)
	}
	channels, purposes := make([]string, len(s.Consents)), make([]string, len(s.Consents))
	for i, consent := range s.Consents {
		channels[i], purposes[i] = consent.Channel, consent.Purpose
	}
	c.strings(&channels)
	c.strings(&purposes)
	if c.expect(len(channels) == len(purposes)); c.err != nil {
		return
	}
	consents := make([]catalog.Consent, len(channels))
	for i := range consents {
		consents[i] = catalog.Consent{Channel: channels[i], Purpose: purposes[i]}
	}
	c.expect(s.ArrangeConsents(consents))
}

func (c *codec) arrange(f *columns.Fields) {
	paths := f.Paths()
	c.strings(&paths)
	c.expect(f.Arrange(paths))
	for i := range f.List {
		if f.List[i].Members != nil && c.err == nil {
			c.arrange(f.List[i].Members)
		}
	}
}

// dictionaries are the texts of all text fields, in the order of the schema.
func (c *codec) dictionaries(s *columns.Schema) {
	c.fieldTexts(s.Attrs)
	c.fieldTexts(s.Company)
	c.fieldTexts(s.Roles)
	s.ShareRoles()
	for i := range s.Events {
		c.fieldTexts(s.Events[i].Fields)
	}
}

func (c *codec) fieldTexts(fields *columns.Fields) {
	for i := range fields.List {
		f := &fields.List[i]
		if f.Dict != nil {
			texts := f.Dict.Texts()
			c.strings(&texts)
			if c.reading() {
				f.Dict = columns.DictOf(texts)
			}
		}
		if f.Members != nil {
			c.fieldTexts(f.Members)
		}
	}
}

func (c *codec) places(p *Places) {
	keys := make([][2]string, 0, len(*p))
	for k := range *p {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b [2]string) int { return slices.Compare(a[:], b[:]) })
	countries, codes, at := make([]string, len(keys)), make([]string, len(keys)), make([]int64, 2*len(keys))
	for i, k := range keys {
		countries[i], codes[i] = k[0], k[1]
		at[2*i], at[2*i+1] = floatBits((*p)[k][0]), floatBits((*p)[k][1])
	}
	c.strings(&countries)
	c.strings(&codes)
	raw(c, &at)
	if !c.reading() || c.err != nil || len(codes) != len(countries) || len(at) != 2*len(codes) {
		return
	}
	*p = make(Places, len(codes))
	for i := range codes {
		(*p)[[2]string{countries[i], codes[i]}] = [2]float64{bitsFloat(at[2*i]), bitsFloat(at[2*i+1])}
	}
}

func (c *codec) companies(x *Index) {
	if c.reading() {
		x.Companies = &columns.Companies{}
	}
	raw(c, &x.Companies.IDs)
	c.strings(&x.Companies.Names)
	c.attrs(x.Schema.Company, &x.Companies.Attrs, len(x.Companies.IDs))
}
