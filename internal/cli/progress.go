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
	began calendar.Instant
	shown calendar.Instant
	width int
}

const (
	barWidth   = 24
	barRefresh = 100 // milliseconds
)

func (a *app) bar(what string) *bar { return &bar{app: a, what: what, began: a.Now()} }

// show draws the bar: done of total in any unit (total 0: not known), and a
// count of things with their name.
func (b *bar) show(done, total int64, count int64, things string) {
	now := b.app.Now()
	if !b.app.Terminal || now-b.shown < barRefresh {
		return
	}
	b.shown = now
	elapsed := max(now-b.began, 1)
	line := fmt.Sprintf("%s  %s %s  %s/s", b.what, thousands(count), things, thousands(count*1000/elapsed))
	if total > 0 {
		filled := int(min(done, total) * barWidth / total)
		line = fmt.Sprintf("%s [%s%s] %3d %%  %s", b.what, strings.Repeat("█", filled), strings.Repeat("·", barWidth-filled),
			min(done, total)*100/total, line[len(b.what)+2:])
		if done > 0 {
			left := float64(elapsed) * float64(total-min(done, total)) / float64(done)
			line += fmt.Sprintf("  %s left", roughly(int64(left)))
		}
	}
	b.draw(line)
}

func (b *bar) draw(line string) {
	pad := max(b.width-len([]rune(line)), 0)
	b.width = len([]rune(line))
	b.app.complain("\r%s%s", line, strings.Repeat(" ", pad))
}

// done removes the bar.
func (b *bar) done() {
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
