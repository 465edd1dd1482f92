package serve

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
)

// While the data is read every address says so, each in the form that its clients know.
func TestUnready(t *testing.T) {
	for path, want := range map[string][2]string{
		"/api/v1/segments": {"application/problem+json", "detail"}, "/v1/transitions": {"application/json", "error"}, "/v1/track": {"application/json", "error"},
	} {
		got := httptest.NewRecorder()
		new(server).dispatch(got, httptest.NewRequest(http.MethodGet, path, nil))
		var body map[string]any
		if err := json.Unmarshal(got.Body.Bytes(), &body); err != nil {
			t.Fatal(err)
		}
		if got.Code != http.StatusServiceUnavailable || got.Header().Get("Retry-After") != "1" || got.Header().Get("Content-Type") != want[0] || body[want[1]] == nil {
			t.Errorf("%s: %d, %v, %s", path, got.Code, got.Header(), got.Body)
		}
	}
}
