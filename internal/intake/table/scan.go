package table

import "bytes"

// scan takes rows with quotes apart, line after line.
type scan struct {
	comma     byte
	backslash bool
	text      []byte // the cells without quotes, one after the other
	ends      []int  // where each ends in text
	open      bool   // inside quotes
	stray     bool   // a quote open over several lines turned out to be a slip
	lines     int    // how many lines were fed
	opened    int    // the line in which the open quote was opened
}

func (s *scan) start(d Dialect) {
	*s = scan{comma: d.Delimiter, backslash: d.Backslash, text: s.text[:0], ends: s.ends[:0]}
}

// feed reads one line; at its end all cells are closed or a quote is open.
func (s *scan) feed(line []byte) {
	s.lines++
	i := 0
	for {
		if !s.open {
			i = s.outside(line, i)
		}
		if s.open {
			i = s.inside(line, i)
		}
		if s.open {
			return
		}
		s.ends = append(s.ends, len(s.text))
		if i >= len(line) {
			return
		}
		i++ // over the delimiter
	}
}

// outside reads a cell from i up to its delimiter, or the quote that opens it.
func (s *scan) outside(line []byte, i int) int {
	rest := line[i:]
	if start := bytes.TrimLeft(rest, " "); len(start) > 0 && start[0] == '"' {
		s.open, s.opened = true, s.lines
		return len(line) - len(start) + 1
	}
	n := bytes.IndexByte(rest, s.comma)
	if n < 0 {
		n = len(rest)
	}
	s.text = append(s.text, rest[:n]...)
	return i + n
}

// inside reads from i to behind the closing quote, or to the end of the line.
// A quote that nothing fits behind belongs to the text: 12" wheel. In a cell
// over several lines it shows that the opening quote was a slip.
func (s *scan) inside(line []byte, i int) int {
	for ; i < len(line); i++ {
		switch {
		case line[i] == '\\' && s.backslash && i+1 < len(line):
			i++
		case line[i] != '"':
		case !s.backslash && i+1 < len(line) && line[i+1] == '"':
			i++
		default:
			if end := s.closes(line, i+1); end >= 0 {
				s.open = false
				return end
			}
			if s.stray = s.opened != s.lines; s.stray {
				return len(line)
			}
		}
		s.text = append(s.text, line[i])
	}
	return i
}

// closes tells where the delimiter or the end of the line follows a quote, -1 if neither does.
func (s *scan) closes(line []byte, i int) int {
	end := len(line) - len(bytes.TrimLeft(line[i:], " "))
	if end == len(line) || line[end] == s.comma {
		return end
	}
	return -1
}

// cut gives the cells.
func (s *scan) cut(cells [][]byte) [][]byte {
	cells = cells[:0]
	start := 0
	for _, end := range s.ends {
		cells = append(cells, s.text[start:end])
		start = end
	}
	return cells
}
