// The protocol's own conformance suite, both requirement sets, with no list of expected failures.
// The server has the suite's fixtures; what needs none must pass against the plain server too.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {createRequire} from 'node:module';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {endWithUs, Workshop} from './support/callslip.mjs';

const require = createRequire(import.meta.url);
const manifest = require.resolve('@modelcontextprotocol/conformance/package.json');
const {bin} = require(manifest);
const script = path.join(path.dirname(manifest), typeof bin === 'string' ? bin : bin.conformance);

// What no revision scores yet, and is passed all the same.
const unscored = {
  '2026-07-28': ['http-header-validation', 'http-custom-header-server-validation',
                 'json-schema-2020-12', 'tasks-lifecycle', 'tasks-capability-negotiation',
                 'tasks-wire-fields', 'tasks-request-state-removal', 'tasks-mrtr-input',
                 'tasks-request-headers', 'tasks-dispatch-and-envelope',
                 'tasks-status-notifications', 'tasks-required-task-error',
                 'tasks-mrtr-composition'],
  '2025-11-25': ['server-session-lifecycle', 'json-schema-2020-12'],
};

// What asks nothing of the server but the protocol.
const fixtureless = {
  '2026-07-28': ['tools-list', 'prompts-list', 'resources-list', 'caching',
                 'server-sse-multiple-streams', 'sep-2164-resource-not-found',
                 'dns-rebinding-protection', 'http-header-validation',
                 'input-required-result-unsupported-methods'],
  '2025-11-25': ['server-initialize', 'logging-set-level', 'ping', 'tools-list', 'prompts-list',
                 'resources-list', 'server-sse-multiple-streams', 'dns-rebinding-protection',
                 'server-session-lifecycle'],
};

/** The suite's exit code and what it wrote. */
async function runSuite(workshop, url, ...args) {
  const child = endWithUs(spawn(process.execPath, [script, 'server', '--url', url.href, ...args],
                                {cwd: workshop.root, env: workshop.environment,
                                 stdio: ['ignore', 'pipe', 'pipe']}));
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', text => { said += text; });
  }
  const code = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return {code, said};
}

/** Passed and failed checks by scenario, from the suite's summary. */
function outcomes(said) {
  const found = new Map();
  for (const [, mark, name, passed, failed] of said.matchAll(
      /^([✓✗]) ([\w-]+): (\d+) passed, (\d+) failed/gm)) {
    found.set(name, {ok: mark === '✓' && failed === '0', passed: Number(passed)});
  }
  return found;
}

describe('the conformance suite', () => {
  let workshop, server;

  before(async () => {
    workshop = new Workshop();
    server = await workshop.serveIndexed('--conformance-fixtures');
  });
  after(() => workshop.close());

  for (const [revision, others] of Object.entries(unscored)) {
    test(`requirements of ${revision}`, async t => {
      const {code, said} = await runSuite(workshop, server.httpUrl, '--requirements', revision);
      t.diagnostic(said.slice(said.indexOf('=== SUMMARY ===')));
      assert.equal(code, 0, said);
      const scenarios = outcomes(said);
      assert.ok(scenarios.size >= 30, `only ${scenarios.size} scenarios: ${said}`);
      for (const name of others) assert.ok(scenarios.get(name)?.ok, `${name}: ${said}`);
    });
  }
});

describe('the conformance suite against the plain server', () => {
  let workshop, server;

  before(async () => {
    workshop = new Workshop();
    server = await workshop.serveIndexed();
  });
  after(() => workshop.close());

  for (const [revision, names] of Object.entries(fixtureless)) {
    test(`what of ${revision} needs no fixtures`, async () => {
      const {said} = await runSuite(workshop, server.httpUrl, '--requirements', revision);
      const scenarios = outcomes(said);
      const failed = names.filter(name => !scenarios.get(name)?.ok);
      assert.deepEqual(failed, [], said);
    });
  }
});
