package cli

import (
	"fmt"
	"strings"

	"github.com/kohorte/kohorte/internal/calendar"
)

// bar shows how far long work is, on a terminal only.
type bar struct {
	app   *app
	what  string
	began calendar.Instant // of this pass
	done  int64            // in this pass
	shown calendar.Instant
	width int
}

const (
	barWidth   = 24
	barRefresh = 100 // milliseconds
)

func (a *app) bar(what string) *bar { return &bar{app: a, what: what, began: a.Now()} }

// show draws the bar: done of total in any unit (total 0: not known), and a
// count of things with their name. Where done falls, another pass has begun.
func (b *bar) show(done, total int64, count int64, things string) {
	now := b.app.Now()
	if done < b.done {
		b.began = now
	}
	b.done = done
	if !b.app.Terminal || now-b.shown < barRefresh {
		return
	}
	b.shown = now
	elapsed := max(now-b.began, 1)
	line := b.what
	if total > 0 {
		part := min(done, total)
		filled := int(part * barWidth / total)
		line += fmt.Sprintf(" [%s%s] %3d %%", strings.Repeat("█", filled), strings.Repeat("·", barWidth-filled), part*100/total)
	}
	if count > 0 {
		line += fmt.Sprintf("  %s %s  %s/s", thousands(count), things, thousands(count*1000/elapsed))
	}
	if total > 0 && done > 0 {
		line += fmt.Sprintf("  %s left", roughly(int64(float64(elapsed)*float64(max(total-done, 0))/float64(done))))
	}
	b.draw(line)
}

func (b *bar) draw(line string) {
	pad := max(b.width-breadth(line), 0)
	b.width = breadth(line)
	b.app.complain("\r%s%s", line, strings.Repeat(" ", pad))
}

// remove removes the bar.
func (b *bar) remove() {
	if b.width > 0 {
		b.draw("")
		b.app.complain("\r")
	}
}

// thousands writes a count with thin spaces between groups of three digits.
func thousands(n int64) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0 && text[i-1] != '-'; i -= 3 {
		text = text[:i] + "\u202f" + text[i:]
	}
	return text
}
