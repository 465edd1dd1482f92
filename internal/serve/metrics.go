package serve

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/kohorte/kohorte/internal/live"
	"github.com/kohorte/kohorte/internal/store"
)

// collector tells Prometheus what the engine counts.
type collector struct {
	server *server
	descs  map[string]*prometheus.Desc
}

// series is one number of the engine.
type series struct {
	name, help string
	counter    bool
	value      func(c *collector, n *live.Counts) float64
}

var engineSeries = []series{
	{"kohorte_commits_total", "Commits since the start.", true, func(_ *collector, n *live.Counts) float64 { return float64(n.Commits) }},
	{"kohorte_commit_seconds_total", "Time spent in commits.", true, func(_ *collector, n *live.Counts) float64 { return float64(n.CommitMillis) / 1000 }},
	{"kohorte_last_commit_seconds", "How long the last commit took.", false, func(_ *collector, n *live.Counts) float64 { return float64(n.LastCommitMillis) / 1000 }},
	{"kohorte_records_total", "Records taken in.", true, func(_ *collector, n *live.Counts) float64 { return float64(n.Records) }},
	{"kohorte_rejected_total", "Calls that made no sense.", true, func(_ *collector, n *live.Counts) float64 { return float64(n.Rejected) }},
	{"kohorte_transitions_total", "Entries and exits told.", true, func(_ *collector, n *live.Counts) float64 { return float64(n.Transitions) }},
	{"kohorte_evaluations_total", "Evaluations of a rule for a customer.", true, func(_ *collector, n *live.Counts) float64 { return float64(n.Evaluations) }},
	{"kohorte_queue_records", "Records that wait for a commit.", false, func(_ *collector, n *live.Counts) float64 { return float64(n.Waiting) }},
	{"kohorte_timers", "Customers of whom time alone will change something.", false, func(_ *collector, n *live.Counts) float64 { return float64(n.Timers) }},
	{"kohorte_customers", "Customers.", false, func(_ *collector, n *live.Counts) float64 { return float64(n.Customers) }},
	{"kohorte_lag_seconds", "How far the memberships are behind the clock; 0 if nothing is due.", false, func(c *collector, n *live.Counts) float64 {
		return float64(max(0, c.server.Clock.Now()-n.NextTimer)) / 1000
	}},
	{"kohorte_store_available", "1 if data can be stored.", false, func(_ *collector, n *live.Counts) float64 {
		if n.Failure != "" {
			return 0
		}
		return 1
	}},
}

const (
	sizeSeries    = "kohorte_segment_members"
	backlogSeries = "kohorte_webhook_messages"
	failureSeries = "kohorte_export_failures"
	successSeries = "kohorte_export_last_success_timestamp_seconds"
)

func (s *server) metrics() http.Handler {
	c := &collector{server: s, descs: map[string]*prometheus.Desc{}}
	for _, one := range engineSeries {
		c.descs[one.name] = prometheus.NewDesc(one.name, one.help, nil, nil)
	}
	c.descs[sizeSeries] = prometheus.NewDesc(sizeSeries, "Members of a segment.", []string{"segment", "state"}, nil)
	c.descs[backlogSeries] = prometheus.NewDesc(backlogSeries, "Transitions that wait for a webhook, or were given up.", []string{"webhook", "state"}, nil)
	c.descs[failureSeries] = prometheus.NewDesc(failureSeries, "Failures of an export since it last went well.", []string{"export"}, nil)
	c.descs[successSeries] = prometheus.NewDesc(successSeries, "When an export last went well; 0: never.", []string{"export"}, nil)
	registry := prometheus.NewRegistry()
	registry.MustRegister(c, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

// Describe implements prometheus.Collector.
func (c *collector) Describe(to chan<- *prometheus.Desc) {
	for _, d := range c.descs {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(to chan<- prometheus.Metric) {
	n := c.server.engine.Counts()
	for _, one := range engineSeries {
		kind := prometheus.GaugeValue
		if one.counter {
			kind = prometheus.CounterValue
		}
		to <- prometheus.MustNewConstMetric(c.descs[one.name], kind, one.value(c, &n))
	}
	for _, s := range c.server.engine.Segments() {
		if s.Parts != nil {
			continue // its parts are told
		}
		to <- prometheus.MustNewConstMetric(c.descs[sizeSeries], prometheus.GaugeValue, float64(s.Members), s.Name, string(s.State))
	}
	if err := c.backlogs(to); err != nil {
		to <- prometheus.NewInvalidMetric(c.descs[backlogSeries], err)
	}
	exports, err := c.server.store.Exports(context.Background())
	if err != nil {
		to <- prometheus.NewInvalidMetric(c.descs[failureSeries], err)
	}
	for i := range exports {
		e := &exports[i]
		to <- prometheus.MustNewConstMetric(c.descs[failureSeries], prometheus.GaugeValue, float64(e.Failures), e.Name)
		to <- prometheus.MustNewConstMetric(c.descs[successSeries], prometheus.GaugeValue, float64(e.Succeeded)/1000, e.Name)
	}
}

func (c *collector) backlogs(to chan<- prometheus.Metric) error {
	return c.server.store.Glance(context.Background(), func(v *store.View) error {
		hooks, err := v.Webhooks(context.Background())
		if err != nil {
			return err
		}
		backlogs, err := v.Backlogs(context.Background())
		for _, h := range hooks {
			b := backlogs[h.ID]
			to <- prometheus.MustNewConstMetric(c.descs[backlogSeries], prometheus.GaugeValue, float64(b.Waiting), h.Name, "waiting")
			to <- prometheus.MustNewConstMetric(c.descs[backlogSeries], prometheus.GaugeValue, float64(b.Dead), h.Name, "dead")
		}
		return err
	})
}
