package demo

import (
	"fmt"

	"github.com/kohorte/kohorte/internal/calendar"
)

// The events of service.
var (
	visitCompleted  = eventType("service_visit_completed")
	complaintOpened = eventType("complaint_opened")
	complaintClosed = eventType("complaint_closed")
)

// machine stands at a firm.
type machine struct {
	serial     string
	model      *model
	installed  calendar.Instant
	maintained calendar.Instant // zero: never, or nobody wrote it down
	hours      int              // of operation, as of the last visit
	contract   bool             // for maintenance
}

func (f *firm) newMachine(m *model, installed calendar.Instant) *machine {
	f.builder.machines++
	c := berlin.Civil(installed)
	return &machine{
		serial: fmt.Sprintf("%s-%d-%04d", m.name[:2], c.Year, f.builder.machines),
		model:  m, installed: installed, contract: f.dice.chance(550),
	}
}

// oldMachine is one from before the records, up to 22 years old and, if its firm is careful, looked after.
func (f *firm) oldMachine() *machine {
	age := f.dice.exponential(6 * year)
	m := f.newMachine(of(&f.dice, models), berlin.DayStart(f.start-min(age, 22*year), 0))
	if f.dice.chance(1000 - noMaintenanceDate) {
		m.maintained = berlin.DayStart(f.start-calendar.Instant(f.dice.below(400))*day, 0)
	}
	m.hours = int((f.start - m.installed) / day * 7)
	return m
}

func (m *machine) fields() []byte {
	t := newFields().text("serial", m.serial).text("type", m.model.kind).text("model", m.model.name)
	t = t.text("installed_on", isoDate(berlin.Civil(m.installed)))
	if m.maintained != 0 {
		t = t.text("last_maintenance", isoDate(berlin.Civil(m.maintained)))
	}
	return t.whole("operating_hours", m.hours).yes("under_contract", m.contract).done()
}

// planService appoints the maintenance, the failures and the complaints of a machine.
func (f *firm) planService(m *machine) {
	f.planMaintenance(m)
	f.planTrouble(m)
}

// planMaintenance appoints the next maintenance: with a contract or at a careful
// firm after ten to thirteen months, elsewhere when somebody thinks of it.
func (f *firm) planMaintenance(m *machine) {
	last := max(m.maintained, m.installed, f.now-200*day)
	wait := calendar.Instant(f.dice.between(300, 395)) * day
	if !m.contract && !f.careful {
		wait += f.dice.exponential(300 * day)
	} else if f.dice.chance(70) {
		wait += 300 * day // forgotten
	}
	due := max(last+wait, f.now+day)
	f.at(due, func() {
		f.soon(4*day, func() {
			f.visit(m, "maintenance")
			f.planMaintenance(m)
		})
	})
}

// visit is one of the service, which brings the list of machines up to date.
func (f *firm) visit(m *machine, kind string) {
	took := f.dice.between(2, 9)
	technician := anyOf(&f.dice, "Bäuerle", "Demir", "Kimmerle", "Wurster", "Novak")
	c := f.someone(maintenance, production)
	c.tell(visitCompleted, newFields().text("serial", m.serial).text("kind", kind).text("technician", technician).whole("hours", took))
	m.hours = max(m.hours, int((f.now-m.installed)/day*7))
	if kind == "maintenance" {
		m.maintained = f.now
	}
	f.update()
}

// planTrouble lets a machine fail now and then, and people complain about it.
func (f *firm) planTrouble(m *machine) {
	f.soon(700*day, func() {
		c := f.someone(maintenance, production, decisionMaker)
		if f.dice.chance(600) {
			f.complain(c, m)
		}
		f.soon(5*day, func() { f.visit(m, "repair") })
		f.planTrouble(m)
	})
}

// complain opens a complaint. One of twelve is never closed.
func (f *firm) complain(c *contact, m *machine) {
	id := fmt.Sprintf("R-%s-%d", m.serial, f.now/day%10000)
	topic := anyOf(&f.dice, "accuracy", "downtime", "delivery", "software", "invoice")
	severity := 1 + f.dice.weighted(30, 40, 22, 8)
	c.tell(complaintOpened, newFields().text("complaint_id", id).text("serial", m.serial).text("topic", topic).whole("severity", severity))
	if f.dice.chance(920) {
		f.soon(14*day, func() {
			c.tell(complaintClosed, newFields().text("complaint_id", id).yes("satisfied", f.dice.chance(740)))
		})
	}
}
