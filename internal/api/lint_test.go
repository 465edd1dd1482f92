package api

import (
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestLint lets Spectral judge the description; warnings count too.
func TestLint(t *testing.T) {
	const folder = "../../tests/openapi"
	node, err := exec.LookPath("node")
	if err != nil {
		t.Skip("node is not installed")
	}
	spectral := filepath.Join("node_modules", "@stoplight", "spectral-cli", "dist", "index.js")
	if _, err := os.Stat(filepath.Join(folder, spectral)); err != nil {
		t.Skip("Spectral is not installed: run npm ci in tests/openapi")
	}
	c := start(t)
	file := filepath.Join(t.TempDir(), "openapi.json")
	if err := os.WriteFile(file, c.send("", http.MethodGet, "/openapi.json", "").body, 0o600); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(node, spectral, "lint", "--fail-severity", "hint", file)
	command.Dir = folder
	output, err := command.CombinedOutput()
	if err != nil || !strings.Contains(string(output), "No results") {
		t.Errorf("%v\n%s", err, output)
	}
}
