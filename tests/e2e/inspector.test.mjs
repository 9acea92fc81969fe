// The MCP Inspector's command line: a strict client, in both eras, that starts the server itself or
// calls one over HTTP.

import assert from 'node:assert/strict';
import {spawn} from 'node:child_process';
import {createRequire} from 'node:module';
import path from 'node:path';
import {after, before, describe, test} from 'node:test';

import {binary, Workshop} from './support/callslip.mjs';
import {calls, listedTools, ResultChecker, textOf, toolNames} from './support/results.mjs';

const require = createRequire(import.meta.url);
const folder = path.dirname(require.resolve('@modelcontextprotocol/inspector/package.json'));
const script = path.join(folder, require('@modelcontextprotocol/inspector/package.json').bin['mcp-inspector']);

for (const [transport, era] of [['stdio', 'legacy'], ['stdio', 'modern'],
                                ['http', 'legacy'], ['http', 'modern']]) {
  describe(`the Inspector over ${transport}, ${era} era`, () => {
    let workshop, checker, server;

    /** The outcome of one run of the Inspector, which keeps its own files in the workshop's home. */
    async function inspect(...args) {
      const environment = workshop.environment;
      environment.PATH = `${path.dirname(process.execPath)}:${environment.PATH}`;
      const settings = ['HOME', 'XDG_DATA_HOME'].flatMap(name => ['-e', `${name}=${environment[name]}`]);
      const flags = ['--protocol-era', era, '--format', 'json', ...args];
      const target = transport === 'http'
          ? [server.httpUrl.href, '--transport', 'http', ...flags]
          : [...settings, ...flags, '--', binary, 'serve', '--stdio', '--index', workshop.index];
      const child = spawn(
          process.execPath, [script, '--cli', ...target],
          {env: environment, cwd: workshop.root, stdio: ['ignore', 'pipe', 'pipe']});
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', text => { stdout += text; });
      child.stderr.setEncoding('utf8').on('data', text => { stderr += text; });
      const code = await new Promise((resolve, reject) => {
        child.on('error', reject);
        child.on('close', resolve);
      });
      return {code, stderr, stdout, said: `exit ${code}\n${stdout}\n${stderr}`};
    }

    const call = (name, args) => inspect(
        '--method', 'tools/call', '--tool-name', name, '--tool-args-json', JSON.stringify(args));

    before(async () => {
      workshop = new Workshop();
      if (transport === 'http') {
        server = await workshop.serveIndexed();
      } else {
        await workshop.must('index', '--index', workshop.index, workshop.library);
      }
    });
    after(() => workshop.close());

    test('tools/list --strict has nothing to complain of', async () => {
      const {code, stdout, stderr, said} = await inspect('--method', 'tools/list', '--strict');
      assert.equal(code, 0, said);
      assert.doesNotMatch(stderr, /error|warning|portab/i);
      const {result: {tools}} = JSON.parse(stdout);
      // Who starts the server may write.
      const writing = transport === 'stdio' ? ['add_document', 'remove_document'] : [];
      assert.deepEqual(tools.map(tool => tool.name), [...listedTools, ...writing]);
      checker = new ResultChecker(tools);
    });

    for (const name of toolNames) {
      test(`tools/call ${name}`, async () => {
        const {code, stdout, said} = await call(name, calls[name]);
        assert.equal(code, 0, said);
        checker.check(name, JSON.parse(stdout).result);
      });
    }

    test('a failed call says which argument', async () => {
      const {code, stdout, stderr} = await call('doc_search', {query: 'x', detail: 'most'});
      assert.notEqual(code, 0);
      assert.match(stdout + stderr, /detail/);
    });
  });
}
