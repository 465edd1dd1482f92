// Sends the calls with @rudderstack/rudder-sdk-node.
"use strict";

const Analytics = require("@rudderstack/rudder-sdk-node");
const { calls, host, key, pause, streaming } = require("./common");

async function main() {
  const client = new Analytics(key, { dataPlaneUrl: host, flushAt: 5, flushInterval: 100, retryCount: 20, gzip: true, logLevel: "none" });
  let delivered = 0;
  for (const [type, message] of calls) {
    client[type](message, (err) => {
      if (err) throw err;
      delivered++;
    });
    await pause(streaming ? 8 : 0);
  }
  while (delivered < calls.length) {
    await client.flush();
    await pause(10);
  }
}

main();
