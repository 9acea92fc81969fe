// The oracle of tests/servers, in a process of its own: what it was asked, and knobs.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';

import {endWithUs} from './callslip.mjs';

/** `knobs` as in oracle_knobs.h; it ends with the workshop. */
export async function startModel(workshop, knobs) {
  const flags = Object.entries(knobs).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = endWithUs(
      spawn(process.env.CALLSLIP_ORACLE, flags, {stdio: ['ignore', 'pipe', 'inherit']}));
  workshop.atClose.push(() => child.kill('SIGTERM'));
  const port = await new Promise((resolve, reject) => {
    child.on('exit', code => reject(new Error(`the oracle ended with ${code}`)));
    child.stdout.setEncoding('utf8').once('data', line => resolve(/:(\d+)\/v1/.exec(line)?.[1]));
  });
  assert.ok(port, 'the oracle names its port');
  const origin = `http://127.0.0.1:${port}`;
  return {
    flags: ['--reader-url', `${origin}/v1`, '--reader-model', 'oracle'],
    stats: async () => (await fetch(`${origin}/stats`)).json(),
    control: async changes => {
      const reply = await fetch(`${origin}/control`, {method: 'POST', body: JSON.stringify(changes)});
      assert.equal(reply.status, 200, await reply.text());
    },
  };
}
