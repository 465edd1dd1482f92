package record

import (
	"crypto/sha256"
	"encoding/binary"
)

// KeyOf makes the key of a fact from what makes it the same fact: the kind of
// key and its parts, such as "message" and the id of the message.
func KeyOf(kind string, parts ...string) [16]byte {
	var buffer [256]byte
	text := append(buffer[:0], kind...)
	for _, part := range parts {
		text = binary.AppendUvarint(append(text, 0), uint64(len(part)))
		text = append(text, part...)
	}
	sum := sha256.Sum256(text)
	return [16]byte(sum[:16])
}

// MessageKey is the key of a record that came with a message id, from whichever way in.
func MessageKey(id string) [16]byte { return KeyOf("message", id) }
