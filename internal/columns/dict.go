package columns

import (
	"sync"
	"sync/atomic"

	"github.com/kohorte/kohorte/internal/fold"
)

// Dict numbers the texts of one field. Code 0 is "not known"; codes are given in
// order of first appearance and never change. It may be read while one writer adds.
type Dict struct {
	mu     sync.RWMutex
	size   atomic.Int64 // of texts
	texts  []string
	codes  map[string]uint32
	folds  []uint32 // for each code, the smallest code whose text is equal without regard to case
	byFold map[string]uint32
	ready  atomic.Pointer[[]uint32] // folds, to be read without the lock
}

// NewDict gives an empty dictionary.
func NewDict() *Dict {
	d := &Dict{texts: []string{""}, codes: map[string]uint32{}}
	d.size.Store(1)
	return d
}

// DictOf gives a dictionary with these texts under the codes 1, 2, ….
func DictOf(texts []string) *Dict {
	d := &Dict{texts: append([]string{""}, texts...)}
	d.size.Store(int64(len(d.texts)))
	return d
}

// Code gives the code of a text and adds it if it is new.
func (d *Dict) Code(text []byte) uint32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.codes == nil {
		d.fillCodes()
	}
	if c, ok := d.codes[string(text)]; ok {
		return c
	}
	s := string(text)
	c := uint32(len(d.texts))
	d.texts = append(d.texts, s)
	d.codes[s] = c
	d.size.Store(int64(len(d.texts)))
	return c
}

func (d *Dict) fillCodes() {
	d.codes = make(map[string]uint32, len(d.texts))
	for i, s := range d.texts[1:] {
		d.codes[s] = uint32(i + 1)
	}
}

// Text gives the text of a code; of 0 the empty text.
func (d *Dict) Text(code uint32) string {
	d.mu.RLock()
	s := d.texts[code]
	d.mu.RUnlock()
	return s
}

// Len gives one more than the largest code.
func (d *Dict) Len() int { return int(d.size.Load()) }

// Texts gives the texts of the codes from 1 on. The caller must not change them.
func (d *Dict) Texts() []string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.texts[1:len(d.texts):len(d.texts)]
}

// FoldCodes gives for each code the smallest code of an equal text without
// regard to case, so that distinct texts can be counted by number.
func (d *Dict) FoldCodes() []uint32 {
	if folds := d.ready.Load(); folds != nil && len(*folds) >= d.Len() {
		return *folds
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.byFold == nil {
		d.byFold = map[string]uint32{}
		d.folds = []uint32{0}
	}
	for c := len(d.folds); c < len(d.texts); c++ {
		folded := fold.String(d.texts[c])
		first, ok := d.byFold[folded]
		if !ok {
			first = uint32(c)
			d.byFold[folded] = first
		}
		d.folds = append(d.folds, first)
	}
	folds := d.folds
	d.ready.Store(&folds)
	return folds
}
