package serve

import (
	"context"
	"errors"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/kohorte/kohorte/internal/index"
)

// surveyed is the answers to a survey as they go over the socket.
type surveyed struct {
	Customers     int
	Counts        []int
	Members, Days [][]byte
}

// Survey implements Control.
func (l Local) Survey(ctx context.Context, q *index.Question) (*index.Answers, error) {
	return l.Engine.Survey(ctx, q)
}

// Survey implements Control.
func (r *Remote) Survey(ctx context.Context, q *index.Question) (*index.Answers, error) {
	answered, err := r.do(ctx, command{Do: "survey", Question: *q})
	if err != nil {
		return nil, err
	}
	if answered.Survey == nil {
		return nil, errors.New("the server did not answer the survey: is it of another version?")
	}
	return answered.Survey.unpacked()
}

func packed(a *index.Answers, err error) (*surveyed, error) {
	if err != nil {
		return nil, err
	}
	s := &surveyed{Customers: a.Customers, Counts: a.Counts}
	if s.Members, err = bytesOf(a.Members); err == nil {
		s.Days, err = bytesOf(a.Days)
	}
	return s, err
}

func bytesOf(sets []*roaring.Bitmap) (list [][]byte, err error) {
	for _, set := range sets {
		data, err := set.ToBytes()
		if err != nil {
			return nil, err
		}
		list = append(list, data)
	}
	return list, nil
}

func (s *surveyed) unpacked() (a *index.Answers, err error) {
	a = &index.Answers{Customers: s.Customers, Counts: s.Counts}
	if a.Members, err = setsOf(s.Members); err == nil {
		a.Days, err = setsOf(s.Days)
	}
	return a, err
}

func setsOf(list [][]byte) (sets []*roaring.Bitmap, err error) {
	for _, data := range list {
		set := roaring.New()
		if err := set.UnmarshalBinary(data); err != nil {
			return nil, err
		}
		sets = append(sets, set)
	}
	return sets, nil
}
