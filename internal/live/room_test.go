package live

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/kohorte/kohorte/internal/clock"
	spec "github.com/kohorte/kohorte/internal/segment"
)

// More segments than memory can hold are refused before anything is made of them.
func TestTooManySegments(t *testing.T) {
	s := serve(t, memoryDir(t), clock.NewManual(someday), false)
	defer s.close()
	s.apply(kick("u1", someday, 1), kick("u2", someday, 1))
	s.engine.Room = 2 * 64 * 8
	var changes Changes
	for i := range 65 {
		changes.Put = append(changes.Put, spec.Definition{Name: fmt.Sprint("s", i), Rule: "count(kick) >= 1"})
	}
	_, err := s.engine.Impact(context.Background(), changes, Edit{})
	if err == nil || !strings.Contains(err.Error(), "65 segments of 2 customers need about") {
		t.Errorf("too many: %v", err)
	}
	changes.Put = changes.Put[:64]
	if _, err := s.engine.Impact(context.Background(), changes, Edit{}); err != nil {
		t.Errorf("as many as fit: %v", err)
	}
}
