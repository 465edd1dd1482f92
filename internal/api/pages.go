package api

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2"

	"github.com/kohorte/kohorte/internal/store"
)

// PageInput is a page of customers, exported because it is embedded.
type PageInput struct {
	After int64 `query:"after" minimum:"0" doc:"The id after which to go on; next of the page before"`
	Limit int   `query:"limit" minimum:"1" maximum:"10000" default:"100"`
}

// Person is a customer by id and name.
type Person struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// page gives a page of customers and the id after which the next begins; 0 on the last.
func (in *PageInput) page(ctx context.Context, v *store.View, who *roaring.Bitmap) (list []Person, next int64, err error) {
	list = []Person{}
	if in.After >= maxCustomer {
		return list, 0, nil
	}
	chosen := roaring.New()
	more := who.Iterator()
	more.AdvanceIfNeeded(uint32(in.After) + 1)
	for more.HasNext() && chosen.GetCardinality() < uint64(in.Limit) {
		chosen.Add(more.Next())
	}
	if more.HasNext() {
		next = int64(chosen.Maximum())
	}
	err = v.EachNamed(ctx, chosen, func(id int64, name string) { list = append(list, Person{id, name}) })
	return list, next, err
}

// maxCustomer is the largest id that a bitmap can hold.
const maxCustomer = 1<<32 - 1
