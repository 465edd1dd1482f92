package tracking

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"
)

// gzipOverhead is how much larger than its content a compressed body may be.
const gzipOverhead = 4 << 10

// readBody reads the body into the buffer, decompressed and within the limit.
func (k *work) readBody(w http.ResponseWriter, r *http.Request, limit int) *problem {
	switch encoding := strings.ToLower(strings.TrimSpace(r.Header.Get("Content-Encoding"))); encoding {
	case "", "identity":
		if r.ContentLength > int64(limit) {
			return tooLarge(limit)
		}
		return k.fill(http.MaxBytesReader(w, r.Body, int64(limit)), limit)
	case "gzip", "x-gzip":
		return k.unzip(http.MaxBytesReader(w, r.Body, int64(limit+gzipOverhead)), limit)
	default:
		return &problem{status: http.StatusUnsupportedMediaType, Code: "encoding_unknown", Message: "the Content-Encoding must be gzip or left out"}
	}
}

func (k *work) unzip(compressed io.Reader, limit int) *problem {
	k.buffered.Reset(compressed)
	if err := k.zip.Reset(&k.buffered); err != nil {
		return readProblem(err, limit)
	}
	return k.fill(io.LimitReader(&k.zip, int64(limit)+1), limit)
}

func (k *work) fill(from io.Reader, limit int) *problem {
	k.body.Reset()
	if _, err := k.body.ReadFrom(from); err != nil {
		return readProblem(err, limit)
	}
	if k.body.Len() > limit {
		return tooLarge(limit)
	}
	return nil
}

func tooLarge(limit int) *problem {
	return &problem{status: http.StatusBadRequest, Code: "too_large",
		Message: fmt.Sprintf("the body is larger than %d KB (%d bytes), which is the limit of %s", limit>>10, limit, map[int]string{MaxCall: "a call", MaxBatch: "a batch"}[limit])}
}

func readProblem(err error, limit int) *problem {
	var large *http.MaxBytesError
	var corrupt flate.CorruptInputError
	switch {
	case errors.As(err, &large):
		return tooLarge(limit)
	case errors.As(err, &corrupt) || errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF):
		return &problem{status: http.StatusBadRequest, Code: "malformed_body", Message: "the body ends too early, or is not the gzip that its Content-Encoding promises"}
	}
	return &problem{status: http.StatusRequestTimeout, Code: "interrupted", Message: "the body did not arrive: send it again"}
}

// text gives the body as it is to be read.
func (k *work) text() ([]byte, *problem) {
	text := k.body.Bytes()
	if bytes.HasPrefix(text, []byte("\ufeff")) {
		copy(text, "   ") // a byte order mark; positions stay as they are
	}
	if utf8.Valid(text) {
		return text, nil
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size <= 1 {
			return nil, malformed("is not JSON: there is a byte that is not UTF-8 (at byte "+strconv.Itoa(at+1)+")", at+1)
		}
		at += size
	}
}

func malformed(what string, position int) *problem {
	return &problem{status: http.StatusBadRequest, Code: "malformed_json", Message: "the body " + what, Position: position}
}
