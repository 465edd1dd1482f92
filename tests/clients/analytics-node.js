// Sends the calls with @segment/analytics-node.
"use strict";

const { Analytics } = require("@segment/analytics-node");
const { calls, host, key, pause, streaming } = require("./common");

async function main() {
  const client = new Analytics({ writeKey: key, host, flushAt: 5, flushInterval: 100, maxRetries: 20 });
  const failed = [];
  client.on("error", ({ reason }) => failed.push(reason));
  let delivered = 0;
  for (const [type, message] of calls) {
    client[type](message, (err) => (err ? failed.push(err) : delivered++));
    await pause(streaming ? 8 : 0);
  }
  await client.closeAndFlush({ timeout: 240_000 });
  if (failed.length || delivered !== calls.length) throw new Error(`${delivered} of ${calls.length} delivered; ${failed}`);
}

main();
