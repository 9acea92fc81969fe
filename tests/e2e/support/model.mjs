// The scripted chat model of tests/servers in a process of its own: what it was asked, and knobs.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import path from 'node:path';

import {endWithUs} from './callslip.mjs';

/** `knobs` as in scripted_model.mjs; it ends with the workshop. */
export async function startModel(workshop, knobs) {
  const script = path.join(process.env.CALLSLIP_TESTS, 'servers', 'scripted_model.mjs');
  const flags = Object.entries(knobs).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const child = endWithUs(
      spawn(process.execPath, [script, ...flags], {stdio: ['ignore', 'pipe', 'inherit']}));
  workshop.atClose.push(() => child.kill('SIGTERM'));
  const port = await new Promise((resolve, reject) => {
    child.on('exit', code => reject(new Error(`the scripted model ended with ${code}`)));
    child.stdout.setEncoding('utf8').once('data', line => resolve(/\d+/.exec(line)?.[0]));
  });
  assert.ok(port, 'the scripted model names its port');
  const origin = `http://127.0.0.1:${port}`;
  return {
    flags: ['--reader-url', `${origin}/v1`, '--reader-model', 'scripted'],
    stats: async () => (await fetch(`${origin}/stats`)).json(),
    control: async changes => {
      const reply = await fetch(`${origin}/control`, {method: 'POST', body: JSON.stringify(changes)});
      assert.equal(reply.status, 200, await reply.text());
    },
  };
}
