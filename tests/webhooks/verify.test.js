// Verifies messages as receivers got them, with the reference library of
// Standard Webhooks. internal/webhook/standard_test.go writes them to the file
// that MESSAGES names: a list of { secret, other, now, headers, body }.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const { test } = require("node:test");
const { Webhook } = require("standardwebhooks");

const file = process.env.MESSAGES;
const messages = file ? JSON.parse(fs.readFileSync(file, "utf8")) : [];

test("there are messages", { skip: !file && "MESSAGES names no file; go test runs this" }, () => {
  assert.ok(messages.length > 0);
});

for (const { secret, other, now, headers, body } of messages) {
  test(`${headers["webhook-id"]} with ${headers["webhook-signature"].split(" ").length} signatures`, (t) => {
    t.mock.timers.enable({ apis: ["Date"], now });
    const hook = new Webhook(secret);
    const message = hook.verify(body, headers);
    assert.match(message.type, /^segment\.(entered|left)$/);
    assert.strictEqual(typeof message.data.seq, "number");
    assert.ok(Date.parse(message.timestamp) > 0);
    assert.throws(() => hook.verify(body + " ", headers), /No matching signature/);
    assert.throws(() => new Webhook(other).verify(body, headers), /No matching signature/);
    t.mock.timers.setTime(now + 6 * 60 * 1000);
    assert.throws(() => hook.verify(body, headers), /too old/);
  });
}
