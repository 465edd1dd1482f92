// What the tests send, the same with every library. clients_test.go starts the
// scripts and compares what arrived.
"use strict";

const timestamp = new Date("2024-05-06T07:08:09.123Z");
const user = { userId: "user-1", anonymousId: "device-1" };

// One call of each type, and before them one of a visitor who turns out to be the user.
const calls = [
  ["track", { anonymousId: "visitor-1", event: "Looked Around", properties: { from: "Ads" }, timestamp }],
  ["identify", { ...user, traits: {
    email: "anna@example.de", name: "Anna Größe 😀", logins: 3, share: 0.25, newsletter: true,
    address: { city: "Köln" }, tags: ["a", "b"], createdAt: new Date("2024-02-29T10:00:00.000Z"),
  }, timestamp }],
  ["track", { ...user, event: "Order Completed", properties: {
    order_id: "o-1", total: 49.9, products: [{ sku: "A", price: 9.95, quantity: 2 }, { sku: "B", price: 30, quantity: 1 }],
  }, timestamp }],
  ["page", { ...user, category: "Docs", name: "Start", properties: { language: "de" }, timestamp }],
  ["screen", { ...user, category: "App", name: "Home", properties: { tab: "news" }, timestamp }],
  ["group", { ...user, groupId: "company-1", traits: { name: "Example GmbH", employees: 40 }, timestamp }],
  ["alias", { userId: user.userId, previousId: "visitor-1", timestamp }],
];

// A stream of events with running numbers, a few milliseconds apart.
function stream(count) {
  return Array.from({ length: count }, (_, n) => ["track", { ...user, event: "Counted", properties: { n } }]);
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));

const { HOST: host, KEY: key, STREAM: streamed } = process.env;

module.exports = { calls: streamed ? stream(Number(streamed)) : calls, host, key, pause, streaming: Boolean(streamed) };
