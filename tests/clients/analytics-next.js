// Sends the calls with @segment/analytics-next from a page in Chromium, which
// comes from another origin than the API, as in real life. STRATEGY says whether
// the library sends each call alone (standard) or several together (batching).
"use strict";

const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const { chromium } = require("playwright-core");
const { calls, host, key, streaming } = require("./common");

const bundle = path.join(__dirname, "node_modules/@segment/analytics-next/dist/umd/index.js");
const files = { "/": ["text/html", path.join(__dirname, "page.html")], "/analytics.js": ["text/javascript", bundle] };

function serve() {
  const server = http.createServer((request, response) => {
    const [type, file] = files[request.url] ?? [];
    response.writeHead(file ? 200 : 404, { "Content-Type": type ?? "text/plain" });
    response.end(file && fs.readFileSync(file));
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

// Runs in the page.
async function send({ calls, host, key, strategy, pace }) {
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));
  const [client] = await window.AnalyticsNext.AnalyticsBrowser.load(
    { writeKey: key, cdnURL: host },
    { integrations: { "Segment.io": {
      deliveryStrategy: { strategy, config: { size: 5, timeout: 100 } },
      httpConfig: { backoffConfig: { maxRetryCount: 30, maxBackoffInterval: 2 } },
    } } },
  );
  const how = {
    identify: (m, options) => client.identify(m.userId, m.traits, options),
    track: (m, options) => client.track(m.event, m.properties, options),
    page: (m, options) => client.page(m.category, m.name, m.properties, options),
    screen: (m, options) => client.screen(m.category, m.name, m.properties, options),
    group: (m, options) => client.group(m.groupId, m.traits, options),
    alias: (m, options) => client.alias(m.userId, m.previousId, options),
  };
  for (const [type, message] of calls) {
    if (message.anonymousId) client.setAnonymousId(message.anonymousId);
    const sent = how[type](message, message.timestamp && { timestamp: message.timestamp });
    await (pace ? pause(pace) : sent);
  }
}

// Resolves when the page has got an answer for each call that it sent.
function whenDelivered(page, count) {
  const delivered = new Set();
  return new Promise((done) => page.on("requestfinished", async (request) => {
    const response = request.method() === "POST" && (await request.response());
    if (!response || !response.ok()) return;
    const body = JSON.parse(request.postData());
    for (const call of body.batch ?? [body]) delivered.add(call.messageId);
    if (delivered.size === count) done();
  }));
}

async function main() {
  const server = await serve();
  const origin = `http://127.0.0.1:${server.address().port}`;
  const browser = await chromium.launch({ executablePath: process.env.CHROMIUM, headless: true, args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-dev-shm-usage",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
  ] });
  try {
    const page = await browser.newPage();
    const failures = new Promise((_, fail) => page.on("pageerror", fail));
    const delivered = whenDelivered(page, calls.length);
    await page.goto(origin + "/");
    const sent = page.evaluate(send, { calls, host, key, strategy: process.env.STRATEGY, pace: streaming ? 8 : 0 });
    await Promise.race([Promise.all([sent, delivered]), failures]);
    console.log(origin);
  } finally {
    await browser.close();
    server.close();
  }
}

main();
