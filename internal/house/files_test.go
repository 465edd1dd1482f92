package house

import (
	"fmt"
	"regexp"
	"strings"
)

const maxFileSize = 1 << 20 // bytes

// machinePath is a path that exists on somebody's machine only. The names are
// in two halves so that the rule does not find itself.
var machinePath = regexp.MustCompile(`(?:^|[^\w.)\]}/-])/(?:wo` + `rk|ro` + `ot|ho` + `me|Us` + `ers)/\w`)

var filesRules = []rule{
	{
		says:  "the licence is Apache-2.0",
		find:  licence,
		bad:   map[string]string{"LICENSE": "MIT"},
		found: []string{"LICENSE: must be the text of the Apache License, Version 2.0"},
	},
	{
		says:  "no file is larger than 1 MiB",
		find:  largeFiles,
		bad:   map[string]string{"a.bin": strings.Repeat("\xff", maxFileSize+1), "b.bin": strings.Repeat("b", maxFileSize)},
		found: []string{"a.bin: 1048577 bytes, more than 1048576"},
	},
	{
		says: "no path of somebody's machine",
		find: machinePaths,
		bad: map[string]string{
			"a.go":  "package a\nvar a = \"/ho" + "me/anna/x\"\nvar b = \"https://example.de/ho" + "me/x\"",
			"b.txt": "../wo" + "rk/x\n/wo" + "rk/x",
		},
		found: []string{"a.go:2: names a path of one machine", "b.txt:2: names a path of one machine"},
	},
}

func licence(t *tree) []string {
	text := t.find("LICENSE").text
	if strings.Contains(text, "Apache License") && strings.Contains(text, "Version 2.0, January 2004") && strings.Contains(text, "END OF TERMS AND CONDITIONS") {
		return nil
	}
	return []string{"LICENSE: must be the text of the Apache License, Version 2.0"}
}

func largeFiles(t *tree) []string {
	var found []string
	for _, f := range t.files {
		if f.size > maxFileSize {
			found = append(found, fmt.Sprintf("%s: %d bytes, more than %d", f.path, f.size, maxFileSize))
		}
	}
	return found
}

func machinePaths(t *tree) []string {
	var found []string
	for _, f := range t.files {
		for i, line := range strings.Split(f.text, "\n") {
			if machinePath.MatchString(line) {
				found = append(found, fmt.Sprintf("%s:%d: names a path of one machine", f.path, i+1))
			}
		}
	}
	return found
}
